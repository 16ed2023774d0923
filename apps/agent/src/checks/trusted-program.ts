import { lstat, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "@treeline/process";

/** Why a program must not be run. In one sentence after `subject`, with the remedy. */
export interface Distrust {
  readonly code: "not-trusted" | "unreadable";
  /** The path that is at fault: the program, or one of its directories. */
  readonly subject: string;
  readonly problem: string;
  readonly cause?: unknown;
}

/**
 * Whether somebody else could make the agent, which is root, run what he likes through this program: a hook or a health check. Undefined: nobody could.
 *
 * INVARIANT: whoever may change a trusted program, or put another in its place, is root or the user of this process. It, the directory it is found in, that
 * one's own and the one it really lies in belong to one of the two, and are not writable for everybody, or for another group.
 */
export async function distrust(path: string): Promise<Distrust | undefined> {
  try {
    const real = await realpath(path);
    for (const each of new Set([dirname(dirname(path)), dirname(path), dirname(real), real])) {
      const { uid, gid, mode } = await lstat(each);
      if (uid !== 0 && uid !== process.getuid?.()) return notTrusted(each, `belongs to user ${uid}`, "chown root it");
      if ((mode & 0o020) !== 0 && gid !== 0 && gid !== process.getgid?.()) return notTrusted(each, `can be written by group ${gid}`, "chmod g-w it");
      if ((mode & 0o002) !== 0) return notTrusted(each, "can be written by everybody", "chmod o-w it");
    }
    return undefined;
  } catch (cause) {
    return { code: "unreadable", subject: path, problem: `cannot be read (${errnoOf(cause) ?? String(cause)}): check where it leads and the disk`, cause };
  }
}

const notTrusted = (subject: string, because: string, remedy: string): Distrust => ({
  code: "not-trusted",
  subject,
  problem: `${because}, who could make the agent run anything: ${remedy}`,
});
