import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { TestkitError } from "./errors.ts";

/** A file to put into a tree or a machine: its content, or content and permission bits (default 0o644). */
export type PlacedFile = string | Uint8Array | { readonly content: string | Uint8Array; readonly mode?: number };

/** Files by path (absolute, or relative to the root of the tree or machine). */
export type PlacedFiles = Readonly<Record<string, PlacedFile>>;

/** `raw` without leading slashes; an `invalid-option` error when it would leave the root. */
export function relativeInside(phase: string, raw: string): string {
  const relative = raw.replace(/^\/+/, "");
  if (relative === "" || relative.split("/").some((part) => part === "" || part === "." || part === "..")) {
    throw new TestkitError({
      code: "invalid-option",
      phase,
      subject: `files["${raw}"]`,
      reason: "the path is empty or has empty, `.` or `..` parts",
      remedy: "Give a plain path such as usr/lib/demo/check.sh.",
    });
  }
  return relative;
}

/** Writes one file with exactly the given permission bits (whatever the umask), and the directories above it. */
export async function placeFile(target: string, file: PlacedFile): Promise<void> {
  const { content, mode = 0o644 } = typeof file === "string" || file instanceof Uint8Array ? { content: file } : file;
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, content);
  await chmod(target, mode);
}
