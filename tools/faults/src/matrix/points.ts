// Where in an upgrade a fault may strike: the points of the agent's loop, and system calls of the programs that it and the shutdown run.
import type { Ending, FaultCase, Moment, Scenario } from "./fault-case.ts";

/** A place in an upgrade. */
export interface Point extends Pick<FaultCase, "step" | "scenario" | "moment" | "soakMillis"> {
  /** How the attempts end when the power goes here; and when the machine is restarted in order. Default: as without a fault. */
  readonly afterPowerCut?: readonly (readonly Ending[])[];
  readonly afterReboot?: readonly (readonly Ending[])[];
}

/** How the attempts of a scenario end when nothing goes wrong, or nothing that matters. */
export const usualEndings: Readonly<Record<Scenario, readonly (readonly Ending[])[]>> = {
  update: [["updated"]],
  "update-plain": [["updated"]],
  "bad-release": [["rolled-back"]],
  "way-back": [["updated"]],
};

/** What was confirmed, and not written when the host went down, is Failed(never-booted), and tried again. */
export const neverBooted: readonly Ending[] = ["failed(never-booted)", "updated"];

export const hold = (point: string, journal?: string): Moment => ({ kind: "hold", point, ...(journal === undefined ? {} : { journal }) });

const update = (step: string, moment: Moment, more: Partial<Point> = {}): Point => ({ step, scenario: "update", moment, ...more });
const badRelease = (step: string, moment: Moment, more: Partial<Point> = {}): Point => ({ step, scenario: "bad-release", moment, ...more });
const wayBack = (step: string, moment: Moment, more: Partial<Point> = {}): Point => ({ step, scenario: "way-back", moment, ...more });

export const updatePoints: readonly Point[] = [
  update("stage", hold("stage")),
  update("stage:pull", hold("stage:pull")),
  update("after-stage", hold("after-stage")),
  update("confirm", hold("confirm")),
  update("after-confirm", hold("after-confirm")),
  update("deploy", hold("deploy"), { afterPowerCut: [neverBooted], afterReboot: [neverBooted] }),
  update("after-deploy", hold("after-deploy"), { afterPowerCut: [neverBooted] }),
  update("reboot", hold("reboot"), { afterPowerCut: [neverBooted] }),
  update("verifying", hold("run-checks", "verifying")),
  update("after-checks", hold("after-run-checks", "verifying")),
  update("soaking", { kind: "journal", step: "soaking" }, { soakMillis: 3000 }),
];

export const badReleasePoints: readonly Point[] = [
  badRelease("red checks", hold("after-run-checks", "verifying")),
  badRelease("set-default", hold("set-default")),
  badRelease("after-set-default", hold("after-set-default")),
  badRelease("reboot back", hold("reboot", "going-back")),
  badRelease("checks after the way back", hold("run-checks", "going-back")),
];

/** Before the reboot nothing but the default tells that the old deployment was made it: a power cut there is told from a way back that failed. */
export const wayBackPoints: readonly Point[] = [
  wayBack("ordered back: stage", hold("stage")),
  wayBack("ordered back: confirm", hold("confirm")),
  wayBack("ordered back: set-default", hold("set-default"), { afterPowerCut: [neverBooted], afterReboot: [neverBooted] }),
  wayBack("ordered back: after-set-default", hold("after-set-default")),
  wayBack("ordered back: reboot", hold("reboot")),
  wayBack("ordered back: verifying", hold("run-checks", "verifying")),
];

const child = (program: string, words: string, nth: number, syscalls: string): Moment => ({ kind: "child", program, words, syscalls, nth });
const rename = "rename,renameat,renameat2";
const link = "link,linkat";
const symlink = "symlink,symlinkat";

/** While ostree fetches: the commit, the delta, and what the scan finds missing. */
export const pullPoints: readonly Point[] = [
  update("during the pull of the commit", child("ostree", "--commit-metadata-only", 1, link)),
  update("during the pull of the delta", child("ostree", "--disable-static-deltas", 1, "openat")),
  { ...update("during the pull of objects, early", child("ostree", "--disable-static-deltas", 2, link)), scenario: "update-plain" },
  { ...update("during the pull of objects, late", child("ostree", "--disable-static-deltas", 1, "syncfs")), scenario: "update-plain" },
];

/** While ostree writes the staged deployment. */
export const deployPoints: readonly Point[] = (
  [
    ["first directory", 5, "mkdir,mkdirat"],
    ["half a tree", 20, link],
    ["whole tree", 1, symlink],
    ["synced", 2, "syncfs"],
    ["last rename", 7, rename],
    ["final cleanup", 8, "unlink,unlinkat"],
  ] as const
).map(([what, nth, calls]) => update(`during deploy: ${what}`, child("ostree", "admin deploy", nth, calls), { afterPowerCut: [neverBooted] }));

/** While the shutdown finalizes the staged deployment. No agent runs there. Whether the new one is the default then, is ostree's word. */
export const finalizePoints: readonly Point[] = (
  [
    ["begin", 1, "unlink,unlinkat"],
    ["/etc merged", 1, link],
    ["origin written", 2, rename],
    ["boot directory made", 3, "mkdir,mkdirat"],
    ["kernel copied", 1, "fdatasync"],
    ["entries written", 2, symlink],
    ["synced", 1, "syncfs"],
    ["frozen", 6, "ioctl"],
    ["loader swapped", 11, rename],
    ["old entries removed", 5, "unlink,unlinkat"],
    ["pruning", 2, "syncfs"],
  ] as const
).map(([what, nth, calls]) => update(`during finalize: ${what}`, child("ostree", "finalize-staged", nth, calls), { afterPowerCut: [neverBooted, ["updated"]] }));

/** While the way back makes the old deployment the default. */
export const setDefaultPoints: readonly Point[] = (
  [
    ["begin", 1, "mkdir,mkdirat"],
    ["entries written", 2, symlink],
    ["loader swapped", 9, rename],
    ["pruning", 2, "syncfs"],
  ] as const
).map(([what, nth, calls]) => badRelease(`during set-default: ${what}`, child("unshare", "fleetos", nth, calls)));
