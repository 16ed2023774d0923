import { createHash } from "node:crypto";
import type { PlacedFiles } from "@treeline/testkit";

const fileBytes = 256 * 1024;

/** `mib` of files that do not compress, below /usr/share/filler; other seeds give other files. */
export function incompressible(seed: string, mib: number): PlacedFiles {
  const count = (mib * 1024 * 1024) / fileBytes;
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`usr/share/filler/${index}`, noise(`${seed} ${index}`)]));
}

function noise(seed: string): Uint8Array {
  return createHash("shake256", { outputLength: fileBytes }).update(seed).digest();
}
