import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPair } from "@treeline/ostree";
import { errnoOf } from "@treeline/process";
import { CliError } from "./cli-error.ts";
import { reasonOf } from "./text-file.ts";

export interface KeyFiles {
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
  readonly publicKey: string;
}

/**
 * Makes a release key pair: `PREFIX.key` (0600) and `PREFIX.pub`; in a directory `release.key` and `release.pub`. A file that is there is
 * never replaced: hosts may trust only that key. @throws CliError file-unwritable
 */
export async function createKeyFiles(out: string): Promise<KeyFiles> {
  const isDirectory = await stat(out).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const prefix = isDirectory ? join(out, "release") : out;
  const { publicKey, secretKey } = generateKeyPair();
  const files = { privateKeyFile: `${prefix}.key`, publicKeyFile: `${prefix}.pub`, publicKey };
  // The public half first: should the second file fail, no private key lies about without it.
  await createFile(files.publicKeyFile, `${publicKey}\n`, 0o644);
  await createFile(files.privateKeyFile, `${secretKey}\n`, 0o600);
  return files;
}

/** Whether a text is itself a public key (32 bytes in base64, which no sensible file name looks like) and not the name of a file with one. */
export const isKeyText = (text: string): boolean => /^[A-Za-z0-9+/]{43}=$/.test(text);

/** Writes a file that was not there before. @throws CliError file-unwritable */
export async function createFile(file: string, content: string, mode: number): Promise<void> {
  try {
    const handle = await open(file, "wx", mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const exists = errnoOf(cause) === "EEXIST";
    throw new CliError(exists ? `${file} exists` : `cannot write ${file}: ${reasonOf(cause)}`, {
      code: "file-unwritable",
      subject: file,
      remedy: exists ? "choose another --out; what hosts trust must not be lost" : "choose another --out, in a directory that exists",
      cause,
    });
  }
}
