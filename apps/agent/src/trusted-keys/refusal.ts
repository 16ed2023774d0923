import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { RotationError, RotationRefusal, SignedRotation, TrustedKey } from "@treeline/ostree";
import { readFileIfExists, writeFileDurably } from "@treeline/process";
import { z } from "zod";

/**
 * Key rotations that this host was sent and does not follow: in words for a person, and in a file for `treeline-agent status`. Nothing that is trusted
 * depends on that file: it may be missing, damaged or old.
 */

const schema = z.looseObject({
  rotations: z.array(
    z.looseObject({
      /** Begins the SHA-256 of the document as it was published: `sha256sum` names it, also where it has no serial or one that another has, too. */
      document: z.string(),
      /** Absent: the document cannot be read. */
      serial: z.int().optional(),
      reason: z.string(),
      /** Which one, why it is not followed, and what to do. */
      text: z.string(),
      /** From before this host joined, by the look of it: what it asks for is so here already. For the log and the status alone. */
      isSettled: z.boolean().optional(),
    }),
  ),
  /** How many are not followed beside those. */
  more: z.int().min(0),
});

export interface Refusal {
  readonly document: string;
  readonly serial?: number | undefined;
  readonly reason: string;
  readonly text: string;
  readonly isSettled?: boolean | undefined;
}

export interface Refusals {
  readonly rotations: readonly Refusal[];
  readonly more: number;
}

export const noneRefused: Refusals = { rotations: [], more: 0 };

export const documentId = (document: Uint8Array): string => createHash("sha256").update(document).digest("hex").slice(0, 16);

// A serial that is published cannot be published again with other signatures: what mends a rotation is always another one after it.
const another = "Publish another after it (`treeline release rotate-keys --after FILE`), signed with a key that this host trusts now";
const forged = "If nobody of yours made it, somebody else writes to the server";

const whys: Readonly<Record<Exclude<RotationRefusal, "stale">, string>> = {
  "bad-signature": `none of its signatures fits what it says: it is forged or damaged. ${another}. ${forged}`,
  "untrusted-signer": `no key that this host trusts now has signed it: it comes from a stranger, or from a key of a rotation that this host has not followed. ${another}; or put a key that signed it into /etc/treeline/release-keys.d on the host. ${forged}`,
  "signer-retired": `a retired key has signed it, and no key that this host trusts. ${another}. ${forged}`,
  "signer-ended": `the window of the key that signed it has ended. ${another}; or set this host's clock, if it is ahead`,
  "signer-not-begun": `the window of the key that signed it has not begun. Set this host's clock, if it is behind; else wait for the window, or publish another after it, signed with a key that this host trusts now`,
  "issued-outside-window": `it says it was issued outside the window of the key that signed it. Set the clock where it was signed. ${another}`,
  "retired-key": `it would trust a key again that was retired for good. Make a new key (\`treeline release keygen\`) and publish another rotation after it that adds that one`,
  "leaves-none": "this host would trust no release key any more. Publish another after it that names a key to trust",
  "too-many": "this host cannot keep so many keys. Publish another after it that retires those no longer used",
};

export function refused({ document, serial, reason, isSettled }: { readonly document: string; readonly serial: number; readonly reason: Exclude<RotationRefusal, "stale">; readonly isSettled: boolean }): Refusal {
  const because = isSettled ? "what it asks for is so already, and only keys from before this host joined have signed it. Nothing is to be done, unless nobody of yours made it" : whys[reason];
  return { document, serial, reason, text: `key rotation ${serial} is not followed: ${because}.`, ...(isSettled ? { isSettled } : {}) };
}

export function refusedUnread(document: string, error: RotationError): Refusal {
  return { document, reason: error.code, text: `a key rotation that the server sent (SHA-256 ${document}...) cannot be read, and is not followed: ${error.message}` };
}

/**
 * A rotation that strangers signed, and that adds only keys which this host trusts and retires none of them. A host that joined with the newest key is sent such
 * ones for as long as the server lives, and its keys are what they shall be. Should a key that it retires come to be trusted here (an old image has it), it is none.
 */
export function isSettled({ signed: { rotation }, reason, trusted }: { readonly signed: SignedRotation; readonly reason: RotationRefusal; readonly trusted: readonly TrustedKey[] }): boolean {
  const keys = new Set(trusted.map(({ key }) => key));
  const added = rotation.trust.length > 0 && rotation.trust.every(({ key }) => keys.has(key));
  return reason === "untrusted-signer" && added && !rotation.retire.some((key) => keys.has(key));
}

/** For the observation; empty: this host's keys are what they shall be. */
export function refusalNote({ rotations: all, more }: Refusals): string {
  const rotations = all.filter((one) => one.isSettled !== true);
  const rest = more === 0 ? [] : [`${more} key rotations${rotations.length === 0 ? "" : " more"} are not followed, too many to name: look at what the server sends (\`treeline release rotations\`).`];
  return [...rotations.map(({ text }) => text), ...rest].join(" ");
}

export const refusalsFile = (stateDirectory: string): string => join(stateDirectory, "refused-rotations.json");

/** What the running agent, or the last that ran, does not follow. Rejects when the file is damaged. */
export async function readRefusals(stateDirectory: string): Promise<Refusals> {
  const path = refusalsFile(stateDirectory);
  const bytes = await readFileIfExists(path);
  if (bytes === undefined) return noneRefused;
  try {
    return schema.parse(JSON.parse(bytes.toString("utf8")));
  } catch (cause) {
    throw new Error(`${path} cannot be read, so it is not known which key rotations are not followed. Restart the agent: it writes the file anew.`, { cause });
  }
}

export async function writeRefusals(stateDirectory: string, refusals: Refusals): Promise<void> {
  await writeFileDurably(refusalsFile(stateDirectory), `${JSON.stringify(refusals, undefined, 2)}\n`, { mode: 0o600 });
}

export async function removeRefusals(stateDirectory: string): Promise<void> {
  await rm(refusalsFile(stateDirectory), { force: true });
}
