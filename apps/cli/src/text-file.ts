import { readFile, stat } from "node:fs/promises";
import { errnoOf } from "@treeline/process";
import { CliError } from "./cli-error.ts";
import { say, type Shell } from "./shell.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read by you",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is no directory",
};

/** What an operating system error means, for the end of a sentence. */
export function reasonOf(error: unknown): string {
  const code = errnoOf(error);
  return code === undefined ? (error instanceof Error ? error.message : String(error)) : (reasons[code] ?? code);
}

/** The text of a file named on the command line; "-" is standard input. @throws CliError file-unreadable */
export async function readTextFile(shell: Shell, file: string): Promise<string> {
  if (file === "-") return await readAll(shell.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new CliError(`cannot read ${file}: ${reasonOf(cause)}`, {
      code: "file-unreadable",
      subject: file,
      remedy: "check the path, or give - for standard input",
      cause,
    });
  }
}

/** The same for a file that holds a secret: says so when others on this machine could read it. @throws CliError file-unreadable */
export async function readSecretFile(shell: Shell, file: string): Promise<string> {
  const text = await readTextFile(shell, file);
  const mode = file === "-" ? 0 : (await stat(file)).mode;
  if ((mode & 0o077) !== 0) say(shell, `warning: ${file} can be read by others on this machine; run \`chmod 600 ${file}\``);
  return text;
}

async function readAll(input: Shell["stdin"]): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
