import { join } from "node:path";
import { OstreeError, parsePublicKey, untouchedTrust, type TrustState } from "@treeline/ostree";
import { readFileIfExists, writeFileDurably } from "@treeline/process";
import { z } from "zod";

const maxBytes = 1024 * 1024;
const key = z.string().transform((text) => parsePublicKey(text));
const instant = z.int().min(0);

// Not strict, and not versioned: an older agent, back after a rollback, must go on with what a newer one wrote, and must not lose it.
const schema = z.looseObject({
  serial: z.int().min(0),
  issuedAt: instant,
  keys: z.array(z.looseObject({ key, notBefore: instant.optional(), notAfter: instant.optional() })),
  retired: z.array(key),
});

export const trustFile = (stateDirectory: string): string => join(stateDirectory, "trusted-keys.json");

/** What the file holds, with whatever is in it that this program does not know; before the first rotation there is no file. */
export type KeptTrust = TrustState & Readonly<Record<string, unknown>>;

/**
 * Reads what rotations made of this host's trust.
 * @throws OstreeError bad-input when the file is damaged: to begin anew would bring retired keys back, so nothing is trusted until a person has looked
 */
export async function readTrust(stateDirectory: string): Promise<KeptTrust> {
  const path = trustFile(stateDirectory);
  const bytes = await readFileIfExists(path);
  if (bytes === undefined) return { ...untouchedTrust };
  try {
    if (bytes.length > maxBytes) throw new RangeError(`${bytes.length} bytes are more than ${maxBytes}`);
    return schema.parse(JSON.parse(bytes.toString("utf8"))) as KeptTrust;
  } catch (cause) {
    throw new OstreeError({
      code: "bad-input",
      phase: "read trusted keys",
      subject: path,
      reason: "the file is damaged, and no release key is trusted without it: it says which ones were retired",
      remedy: "Restore it from a backup; or look after the keys in /etc/treeline/release-keys.d, remove the file and restart the agent: it follows the rotations anew.",
      cause,
    });
  }
}

/** Durable when it resolves. In /var, so that no way back to an older deployment brings back a retired key. */
export async function writeTrust(stateDirectory: string, trust: KeptTrust): Promise<void> {
  await writeFileDurably(trustFile(stateDirectory), `${JSON.stringify(trust, undefined, 2)}\n`, { mode: 0o600 });
}
