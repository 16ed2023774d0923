import { requireChecksum } from "./argument.ts";
import { OstreeError } from "./ostree-error.ts";
import { ostree } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";

export interface CommitInfo {
  readonly checksum: string;
  readonly version: string | null;
  /** When the commit was made, milliseconds since the epoch; ostree keeps whole seconds. */
  readonly timestamp: number;
  readonly parent: string | null;
}

/** Reads the text of `ostree show CHECKSUM`. Pure. Everything behind the first empty line is the author's own text and is not looked at. */
export function parseShow(text: string): CommitInfo {
  const head = text.split("\n\n", 1)[0] ?? "";
  const field = (pattern: RegExp): string | null => pattern.exec(head)?.[1] ?? null;
  const checksum = field(/^commit ([0-9a-f]{64})$/m);
  const date = /^Date: {2}(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) \+0000$/m.exec(head);
  if (checksum === null || !date) {
    throw new OstreeError({
      code: "unexpected-output",
      phase: "show",
      subject: JSON.stringify(head.slice(0, 200)),
      reason: "`ostree show` did not print a commit with its date in UTC",
      remedy: "Report this text together with `ostree --version`.",
    });
  }
  return {
    checksum,
    version: field(/^Version: (.+?) *$/m),
    timestamp: Date.parse(`${date[1]}T${date[2]}Z`),
    parent: field(/^Parent: {2}([0-9a-f]{64})$/m),
  };
}

/** What a commit in a repository says about itself. The objects it refers to need not be there. @throws OstreeError */
export async function showCommit(options: { readonly repo: string; readonly checksum: string } & Cancellable): Promise<CommitInfo> {
  const checksum = requireChecksum(options.checksum, "show");
  const { stdout } = await ostree({
    args: ["show", `--repo=${options.repo}`, checksum],
    phase: "show",
    subject: checksum,
    signal: options.signal,
  });
  return parseShow(stdout);
}
