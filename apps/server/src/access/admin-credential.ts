import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Fleet } from "@treeline/control";
import type { ApiTokenRecord } from "@treeline/fleet";
import { hashSecret, newSecret } from "@treeline/pki";
import { readFileIfExists, writeFileDurably } from "@treeline/process";
import { isMap, parseDocument, stringify } from "yaml";
import type { Endpoints } from "../endpoints.ts";
import type { SecretIndex } from "../secret-index.ts";

export const adminName = "admin";

export interface CredentialOptions {
  readonly data: string;
  readonly fleet: Fleet;
  readonly secrets: SecretIndex;
  readonly endpoints: Endpoints;
  readonly caPem: string;
  readonly now: () => number;
  /** Make a new one although there is one: the old stops working. */
  readonly renew: boolean;
}

/** What this program writes; anything else in the file is not taken up. */
const tokenForm = /^tlo_[A-Za-z0-9_-]{43}$/;

/**
 * The first administrator's credential: `DATA/operator/admin.yaml`, readable by its owner alone. Returns its path, or undefined when the
 * administrator has moved it away.
 *
 * The file is written before its hash is committed. So a crash between the two leaves a file whose token is not known yet; the next start
 * takes it up, and nobody is left with a hash whose token nobody has. A file that is there is written again with the endpoints of this start.
 */
export async function ensureAdminCredential(options: CredentialOptions): Promise<string | undefined> {
  const { data, secrets, renew } = options;
  const directory = join(data, "operator");
  const file = join(directory, "admin.yaml");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const kept = renew ? undefined : tokenOf(await readFileIfExists(file));
  if (kept === undefined && !renew && secrets.hasApiTokens) return undefined;
  const token = kept ?? `tlo_${newSecret()}`;
  await writeFileDurably(file, credentialText(options, token), { mode: 0o600 });
  if (secrets.apiToken(hashSecret(token)) === undefined) await commitToken(options, hashSecret(token));
  return file;
}

async function commitToken({ fleet, now, renew }: CredentialOptions, secretHash: string): Promise<void> {
  const at = now();
  const value: ApiTokenRecord = { name: adminName, secretHash, grants: [{ role: "fleet-admin", scope: "fleet" }], createdAt: at, owners: ["server"] };
  const audit = [{ at, actor: "server", action: "create-api-token", subject: `api-token ${adminName}`, because: renew ? "asked for at the start" : "its credential file was not known yet" }];
  await fleet.transact(() => ({ changes: [{ kind: "api-token", value }], audit, result: undefined }));
}

function credentialText({ endpoints, caPem }: CredentialOptions, token: string): string {
  const [endpoint] = endpoints.front;
  const [content] = endpoints.content;
  return stringify({ apiVersion: "treeline/v1", kind: "Credential", name: adminName, endpoint, contentEndpoint: `https://${content}`, ca: caPem, token });
}

/** The token in a credential file; undefined when there is none that this program wrote. */
function tokenOf(text: string | Uint8Array | undefined): string | undefined {
  if (text === undefined) return undefined;
  // Broken YAML is no reason not to start: `errors` says so without throwing.
  const document = parseDocument(Buffer.from(text).toString());
  const token = document.errors.length === 0 && isMap(document.contents) ? document.get("token") : undefined;
  return typeof token === "string" && tokenForm.test(token) ? token : undefined;
}
