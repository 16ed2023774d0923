import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { readFileIfExists, writeFileDurably } from "@treeline/process";
import { z } from "zod";
import { EnrollmentError } from "./enrollment-error.ts";

/** What a node knows once it has joined its fleet. PEM texts; endpoints as `host:port`. */
export interface NodeIdentity {
  readonly nodeId: string;
  readonly endpoints: { readonly front: readonly string[]; readonly sessions: readonly string[]; readonly content: readonly string[] };
  /** Public keys from the token: who may sign releases. The image's own keys come on top. */
  readonly releaseKeys: readonly string[];
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

// Not strict: an older agent, back after a rollback, must read what a newer one wrote.
const identitySchema = z.object({
  nodeId: z.uuid(),
  endpoints: z.object({ front: z.array(z.string()), sessions: z.array(z.string()).min(1), content: z.array(z.string()) }),
  releaseKeys: z.array(z.string()),
});

/**
 * `pki/` of the state directory: node.key, node.csr (made together, before anything is asked), ca.crt, node.crt, identity.json.
 * INVARIANTS: identity.json is written last, so where it is, the others are; the key is written before it is used and never leaves the host.
 */
export interface IdentityPaths {
  readonly directory: string;
  readonly key: string;
  readonly request: string;
  readonly ca: string;
  readonly certificate: string;
  readonly identity: string;
}

export function identityPaths(stateDirectory: string): IdentityPaths {
  const directory = join(stateDirectory, "pki");
  const at = (name: string): string => join(directory, name);
  return { directory, key: at("node.key"), request: at("node.csr"), ca: at("ca.crt"), certificate: at("node.crt"), identity: at("identity.json") };
}

/** The identity of this host, undefined when it has not joined a fleet. @throws EnrollmentError identity-damaged */
export async function readIdentity(stateDirectory: string): Promise<NodeIdentity | undefined> {
  const paths = identityPaths(stateDirectory);
  const bytes = await readFileIfExists(paths.identity);
  if (bytes === undefined) return undefined;
  try {
    const { nodeId, endpoints, releaseKeys } = identitySchema.parse(JSON.parse(bytes.toString("utf8")));
    const [caPem, certPem, keyPem] = await Promise.all([paths.ca, paths.certificate, paths.key].map((path) => readFile(path, "utf8")));
    return { nodeId, endpoints, releaseKeys, caPem: caPem ?? "", certPem: certPem ?? "", keyPem: keyPem ?? "" };
  } catch (cause) {
    throw new EnrollmentError(`${paths.directory} is damaged: remove ${paths.identity} and run \`treeline-agent enroll\` with a valid token; the node keeps its id as long as node.key is there`, {
      code: "identity-damaged",
      subject: paths.identity,
      cause,
    });
  }
}

/** Makes the identity durable. The key is already there. */
export async function writeIdentity(stateDirectory: string, identity: Omit<NodeIdentity, "keyPem">): Promise<void> {
  const paths = identityPaths(stateDirectory);
  const { nodeId, endpoints, releaseKeys, caPem, certPem } = identity;
  await writeFileDurably(paths.ca, caPem, { mode: 0o644 });
  await writeFileDurably(paths.certificate, certPem, { mode: 0o644 });
  await writeFileDurably(paths.identity, `${JSON.stringify({ nodeId, endpoints, releaseKeys }, undefined, 2)}\n`, { mode: 0o600 });
}

/**
 * The key and certificate request of this host, made on the first call. They are durable before they are returned: an answer that gets lost can be asked
 * for again with the same key, and the server then gives the same node id.
 */
export async function keyAndRequest(
  stateDirectory: string,
  create: () => Promise<{ readonly keyPem: string; readonly csrPem: string }>,
): Promise<{ readonly keyPem: string; readonly csrPem: string }> {
  const paths = identityPaths(stateDirectory);
  await mkdir(paths.directory, { recursive: true, mode: 0o700 });
  const [key, request] = [await readFileIfExists(paths.key), await readFileIfExists(paths.request)];
  if (key !== undefined && request !== undefined) return { keyPem: key.toString("utf8"), csrPem: request.toString("utf8") };
  // Nothing was ever asked with a key whose request is missing.
  const made = await create();
  await rm(paths.request, { force: true });
  await writeFileDurably(paths.key, made.keyPem, { mode: 0o600 });
  await writeFileDurably(paths.request, made.csrPem, { mode: 0o600 });
  return made;
}
