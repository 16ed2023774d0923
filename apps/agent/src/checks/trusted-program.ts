import { lstat, readlink, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { errnoOf } from "@treeline/process";

/** Why a program must not be run. In one sentence after `subject`, with the remedy. */
export interface Distrust {
  readonly code: "not-trusted" | "unreadable";
  /** The path that is at fault: the program, or one of its directories. */
  readonly subject: string;
  readonly problem: string;
  readonly cause?: unknown;
}

/** Links to follow before giving up, as the kernel does. */
const maxLinks = 40;

/**
 * Whether somebody else could make the agent, which is root, run what he likes through this program: a hook or a health check. Undefined: nobody could.
 *
 * INVARIANT: whoever may change a trusted program, or put another in its place, is root or the user of this process. It, and all that is passed on the way
 * from / to it, links included, belongs to one of the two. The program and the directories are not writable for everybody, or for another group; a sticky
 * directory may be (nobody can replace in it what is not his), but not the one that the program is found in, that one's own, or the one it really lies in.
 */
export async function distrust(path: string): Promise<Distrust | undefined> {
  try {
    const real = await realpath(path);
    const strict = new Set([await realpath(dirname(dirname(path))), await realpath(dirname(path)), dirname(real), real]);
    return await distrustOnTheWay(resolve(path), strict);
  } catch (cause) {
    return { code: "unreadable", subject: path, problem: `cannot be read (${errnoOf(cause) ?? String(cause)}): check where it leads and the disk`, cause };
  }
}

/** Each step by itself, as the kernel goes: a link counts where it lies, and then what it leads to. */
async function distrustOnTheWay(path: string, strict: ReadonlySet<string>): Promise<Distrust | undefined> {
  const rest = parts(path);
  let at = "/";
  let found = await distrustOf(at, strict);
  for (let links = 0, name = rest.shift(); found === undefined && name !== undefined; name = rest.shift()) {
    const next = join(at, name);
    found = await distrustOf(next, strict);
    const target = await readlink(next).catch(() => undefined);
    if (target === undefined) at = next;
    else if (++links > maxLinks) throw Object.assign(new Error("too many links"), { code: "ELOOP" });
    else {
      rest.unshift(...parts(target));
      if (isAbsolute(target)) at = "/";
    }
  }
  return found;
}

const parts = (path: string): string[] => path.split("/").filter((name) => name !== "" && name !== ".");

async function distrustOf(path: string, strict: ReadonlySet<string>): Promise<Distrust | undefined> {
  const found = await lstat(path);
  const { uid, gid, mode } = found;
  if (uid !== 0 && uid !== process.getuid?.()) return notTrusted(path, `belongs to user ${uid}`, "chown root it");
  // The mode of a link says nothing: its directory says who may replace it.
  if (found.isSymbolicLink() || (!strict.has(path) && found.isDirectory() && (mode & 0o1000) !== 0)) return undefined;
  if ((mode & 0o020) !== 0 && gid !== 0 && gid !== process.getgid?.()) return notTrusted(path, `can be written by group ${gid}`, "chmod g-w it");
  if ((mode & 0o002) !== 0) return notTrusted(path, "can be written by everybody", "chmod o-w it");
  return undefined;
}

const notTrusted = (subject: string, because: string, remedy: string): Distrust => ({
  code: "not-trusted",
  subject,
  problem: `${because}, who could make the agent run anything: ${remedy}`,
});
