import { requireChecksum } from "./argument.ts";
import { ostree } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";

export interface StaticDelta {
  readonly from: string;
  readonly to: string;
}

/** Reads the text of `ostree static-delta list`. Pure. Deltas from nothing are passed over: with the commit there first they are never used. */
export function parseDeltas(text: string): readonly StaticDelta[] {
  return text.split("\n").flatMap((line) => {
    const [, from, to] = /^([0-9a-f]{64})-([0-9a-f]{64})$/.exec(line) ?? [];
    return from !== undefined && to !== undefined ? [{ from, to }] : [];
  });
}

/** The static deltas of a repository. @throws OstreeError */
export async function listDeltas(options: { readonly repo: string } & Cancellable): Promise<readonly StaticDelta[]> {
  const { repo, signal } = options;
  return parseDeltas(
    (await ostree({ args: ["static-delta", "list", `--repo=${repo}`], phase: "list deltas", subject: repo, signal })).stdout,
  );
}

/** Makes the static delta between two commits of a repository, unless it is there. updateSummary is due afterwards. @throws OstreeError */
export async function generateDelta(
  options: {
    readonly repo: string;
    /** False saves much time on content that does not gain from it. Default true. */ readonly bsdiff?: boolean;
  } & StaticDelta &
    Cancellable,
): Promise<void> {
  const from = requireChecksum(options.from, "generate delta");
  const to = requireChecksum(options.to, "generate delta");
  await ostree({
    args: [
      "static-delta",
      "generate",
      `--repo=${options.repo}`,
      "--if-not-exists",
      ...(options.bsdiff === false ? ["--disable-bsdiff"] : []),
      `--from=${from}`,
      `--to=${to}`,
    ],
    phase: "generate delta",
    subject: `${from} -> ${to}`,
    signal: options.signal,
  });
}

/** Deletes one static delta. updateSummary is due afterwards. @throws OstreeError */
export async function deleteDelta(options: { readonly repo: string } & StaticDelta & Cancellable): Promise<void> {
  const name = `${requireChecksum(options.from, "delete delta")}-${requireChecksum(options.to, "delete delta")}`;
  await ostree({
    args: ["static-delta", "delete", `--repo=${options.repo}`, name],
    phase: "delete delta",
    subject: name,
    signal: options.signal,
  });
}
