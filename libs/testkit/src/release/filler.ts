import { createCipheriv, createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

const fileBytes = 64 * 1024;
/** One file in so many depends on the seed: two seeds differ in 5 % of the data. */
const changingEvery = 20;

/** 64 KiB that depend on `seed` alone: half incompressible, half the same as hexadecimal, so that it compresses about as programs do. */
function fillerFile(seed: string): Buffer {
  const key = createHash("sha256").update(seed).digest();
  const noise = createCipheriv("aes-128-ctr", key.subarray(0, 16), key.subarray(16)).update(Buffer.alloc(fileBytes / 2));
  return Buffer.concat([noise, Buffer.from(noise.toString("hex").slice(0, fileBytes / 2), "latin1")]);
}

/** Writes `sizeMiB` of deterministic data as files of 64 KiB, of which one in 20 (the first included) differs from seed to seed. */
export async function writeFiller(directory: string, sizeMiB: number, seed: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const count = Math.ceil((sizeMiB * 1024 * 1024) / fileBytes);
  for (let index = 0; index < count; index += 1) {
    const content = fillerFile(index % changingEvery === 0 ? `${index} ${seed}` : `${index}`);
    await writeFile(path.join(directory, `f${String(index).padStart(6, "0")}`), content);
  }
}
