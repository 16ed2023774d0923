import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { pemBlocks } from "./pem.ts";
import { PkiError } from "./pki-error.ts";

// Invariants of the authority's directory:
// 1. Key and certificate are ONE file, so there is no moment at which only one of them exists.
// 2. That file appears under its name by one link(2) of a file that is complete and on the disk. A process killed at any moment leaves
//    nothing under the name or the whole authority. What it leaves beside it (`.authority.pem.*.tmp`) is never read.
// 3. link(2) refuses an existing name where rename(2) would replace it: of two first starts at once the second finds the first one's
//    authority and uses it. An authority, once published, is never overwritten: the fleet's trust would be gone.

const fileName = "authority.pem";

/** The two PEM texts of an authority. */
export interface AuthorityPems {
  readonly keyPem: string;
  readonly caPem: string;
}

/**
 * Reads the authority of a directory; undefined when there is none yet.
 * @throws PkiError authority-exposed, authority-damaged, authority-unavailable
 */
export async function readAuthorityFile(dir: string): Promise<AuthorityPems | undefined> {
  const file = path.join(dir, fileName);
  let text: string;
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0) {
      throw failure(
        "authority-exposed",
        file,
        `the certificate authority's key ${file} is open to other users: chmod 600 it; replace the authority if it was copied`,
      );
    }
    text = await readFile(file, "utf8");
  } catch (cause) {
    if (cause instanceof PkiError) throw cause;
    if (errnoOf(cause) === "ENOENT") return undefined;
    throw failure(
      "authority-unavailable",
      file,
      `cannot read the certificate authority ${file} (${errnoOf(cause)}): check owner and disk`,
      cause,
    );
  }
  const blocks = pemBlocks(text);
  const key = blocks.find((block) => block.label === "PRIVATE KEY");
  const certificate = blocks.find((block) => block.label === "CERTIFICATE");
  if (key === undefined || certificate === undefined || blocks.length !== 2) {
    throw failure("authority-damaged", file, `${file} does not hold one private key and one certificate: restore it from a backup`);
  }
  const [keyPem, caPem] = text.split(/(?=-----BEGIN CERTIFICATE-----)/);
  return { keyPem: keyPem ?? "", caPem: caPem ?? "" };
}

/**
 * Publishes a new authority, unless there is one already; either way the caller reads back what is there now.
 * @throws PkiError authority-unavailable when the disk refuses
 */
export async function publishAuthorityFile(dir: string, pems: AuthorityPems): Promise<void> {
  const file = path.join(dir, fileName);
  const temporary = path.join(dir, `.${fileName}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(pems.keyPem + pems.caPem);
      await handle.sync();
    } finally {
      await handle.close();
    }
    try {
      await link(temporary, file);
    } catch (cause) {
      if (errnoOf(cause) !== "EEXIST") throw cause;
    } finally {
      await unlink(temporary);
    }
    await syncDirectory(dir);
    await syncDirectory(path.dirname(path.resolve(dir)));
  } catch (cause) {
    throw failure(
      "authority-unavailable",
      file,
      `cannot create the certificate authority ${file} (${errnoOf(cause)}): the directory must be writable and on a disk with hard links`,
      cause,
    );
  }
}

async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function errnoOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? String(cause);
}

function failure(
  code: "authority-exposed" | "authority-damaged" | "authority-unavailable",
  file: string,
  message: string,
  cause?: unknown,
): PkiError {
  return new PkiError(message, { code, phase: "open-authority", subject: file, cause });
}
