// Where in an upgrade a fault may strike: the points of the agent's loop, and system calls of the programs that it and the shutdown run.
import type { PlacedFiles } from "@treeline/testkit";
import type { Ending, FaultCase, Moment, Scenario } from "./fault-case.ts";

/** A place in an upgrade. */
export interface Point extends Pick<FaultCase, "step" | "scenario" | "moment" | "soakMillis" | "files"> {
  /** How the attempts end when the power goes here; and when the machine is restarted in order. Default: as without a fault. */
  readonly afterPowerCut?: readonly (readonly Ending[])[];
  readonly afterReboot?: readonly (readonly Ending[])[];
}

/** How the attempts of a scenario end when nothing goes wrong, or nothing that matters. */
export const usualEndings: Readonly<Record<Scenario, readonly (readonly Ending[])[]>> = {
  update: [["updated"]],
  "update-plain": [["updated"]],
  "bad-release": [["rolled-back"]],
  "mute-release": [["rolled-back"]],
  "way-back": [["updated"]],
};

/** What was confirmed, and not written when the host went down, is Failed(never-booted), and tried again. */
export const neverBooted: readonly Ending[] = ["failed(never-booted)", "updated"];

export const hold = (point: string, journal?: string): Moment => ({ kind: "hold", point, ...(journal === undefined ? {} : { journal }) });

const update = (step: string, moment: Moment, more: Partial<Point> = {}): Point => ({ step, scenario: "update", moment, ...more });
const badRelease = (step: string, moment: Moment, more: Partial<Point> = {}): Point => ({ step, scenario: "bad-release", moment, ...more });
const wayBack = (step: string, moment: Moment, more: Partial<Point> = {}): Point => ({ step, scenario: "way-back", moment, ...more });

const child = (program: string, words: string, syscalls: string, which: number | string): Moment => ({
  kind: "child",
  program,
  words,
  syscalls,
  ...(typeof which === "number" ? { nth: which } : { nth: 1, path: which }),
});
const rename = "rename,renameat,renameat2";
const link = "link,linkat";
const symlink = "symlink,symlinkat";
const unlink = "unlink,unlinkat,rmdir";
const mkdir = "mkdir,mkdirat";

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

/** A hook of a kind, and what it does. */
const hook = (kind: string, body: string): PlacedFiles => ({ [`/etc/treeline/hooks/${kind}/10-app`]: { content: `#!/bin/bash\n${body}\n`, mode: 0o755 } });
const says = (kind: string): string => `echo ${kind} >>/var/lib/app/hooks`;
/** Long enough to be hit while it runs; the second time it does not wait. */
const lasting = "[ -e /var/lib/app/hook-runs ] || { touch /var/lib/app/hook-runs; sleep 3; }";

export const hookPoints: readonly Point[] = [
  ...["pre-drain", "drain", "pre-reboot"].flatMap((kind) => [
    update(`${kind} hooks`, hold("run-hooks", "draining"), { files: { ...hook(kind, says(kind)), ...hook("post-update", says("post-update")) } }),
    update(`after the ${kind} hooks`, hold("after-run-hooks", "draining"), { files: hook(kind, says(kind)) }),
  ]),
  update("during a drain hook", { kind: "file", file: "/var/lib/app/hook-runs" }, { files: { ...hook("drain", lasting), ...hook("post-update", says("post-update")) } }),
  update("post-update hooks", hold("run-hooks", "soaking"), { files: { ...hook("drain", says("drain")), ...hook("post-update", says("post-update")) } }),
];

/** Where the boot guard is told that the release has proved itself. */
export const guardPoints: readonly Point[] = [update("disarm", hold("disarm")), update("after-disarm", hold("after-disarm"))];

const deadline = (seconds: number): PlacedFiles => ({ "/etc/treeline/boot-guard-deadline": `${seconds}\n` });

/** The agent does not start: the boot guard alone is there, with its deadline or, where that is far off, with its count of boots. */
export const mutePoints: readonly Point[] = [
  { step: "mute release, by deadline", scenario: "mute-release", moment: { kind: "new-boot" }, files: deadline(4) },
  { step: "mute release, guard at its way back", scenario: "mute-release", moment: child("unshare", "fleetos", "syncfs", 1), files: deadline(4) },
  { step: "mute release, guard after its way back", scenario: "mute-release", moment: child("unshare", "fleetos", unlink, "boot/loader.0"), files: deadline(4) },
];
export const countedPoint: Point = { step: "mute release, by count", scenario: "mute-release", moment: { kind: "new-boot" } };

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

/** While ostree fetches: the commit, the delta, and what the scan finds missing. */
export const pullPoints: readonly Point[] = [
  update("during the pull of the commit", child("ostree", "--commit-metadata-only", link, 1)),
  update("during the scan after the delta", child("ostree", "--disable-static-deltas", "openat", 1)),
  { ...update("during the pull of objects, early", child("ostree", "--disable-static-deltas", link, 2)), scenario: "update-plain" },
  { ...update("during the pull of objects, late", child("ostree", "--disable-static-deltas", "syncfs", 1)), scenario: "update-plain" },
];

/** While ostree writes the staged deployment. */
export const deployPoints: readonly Point[] = (
  [
    ["first directories", mkdir, 5],
    ["half a tree", link, 20],
    ["whole tree", symlink, 1],
    ["synced", "syncfs", 2],
    ["final cleanup", unlink, 8],
  ] as const
).map(([what, calls, which]) => update(`during deploy: ${what}`, child("ostree", "admin deploy", calls, which), { afterPowerCut: [neverBooted] }));

/** While the shutdown finalizes the staged deployment. No agent runs there. Which is the default then is ostree's word. */
export const finalizePoints: readonly Point[] = (
  [
    ["begin", unlink, 1],
    ["/etc half merged", rename, "app.conf"],
    ["/etc merged", rename, "site.conf"],
    ["kernel copied", "fdatasync", 1],
    ["entries written", rename, "ostree-1-fleetos.conf"],
    ["boot links written", rename, "boot.0"],
    ["loader written", rename, "boot/loader.tmp"],
    ["synced", "syncfs", 1],
    ["loader swapped", rename, "loader.tmp"],
    ["old loader removed", unlink, "boot/loader.1"],
    ["pruning", "syncfs", 2],
  ] as const
).map(([what, calls, which]) => update(`during finalize: ${what}`, child("ostree", "finalize-staged", calls, which), { afterPowerCut: endsAfterFinalize(what) }));

/** The swap of the loaders is what counts, and it counts once it is on the disk: right after it, either may boot. */
function endsAfterFinalize(what: string): readonly (readonly Ending[])[] {
  if (what === "old loader removed" || what === "pruning") return [["updated"]];
  return what === "loader swapped" ? [neverBooted, ["updated"]] : [neverBooted];
}

/** The file system is frozen for a moment. Seven files of /etc are merged before, each with an ioctl; then two for attributes, two for kernel files. */
export const frozenPoint: Point = update(
  "during finalize: frozen",
  { kind: "child", program: "ostree", words: "finalize-staged", syscalls: "ioctl", nth: 12, shows: "FIFREEZE" },
  { afterPowerCut: [neverBooted] },
);

/** While the way back makes the old deployment the default: the second time that the two loaders change places. */
export const setDefaultPoints: readonly Point[] = (
  [
    ["begin", mkdir, "boot/loader.1"],
    ["entries written", rename, "ostree-1-fleetos.conf"],
    ["synced", "syncfs", 1],
    ["loader swapped", rename, "loader.tmp"],
    ["old loader removed", unlink, "boot/loader.0"],
    ["pruning", "syncfs", 2],
  ] as const
).map(([what, calls, which]) => badRelease(`during set-default: ${what}`, child("unshare", "fleetos", calls, which)));
