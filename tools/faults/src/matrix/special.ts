// Faults that have their own places: content, disk space, the time of day, the journal, an operator at work.
import { contentFaults } from "../faults/content.ts";
import { clockFaults } from "../faults/clock.ts";
import { diskFullFaults } from "../faults/disk-full.ts";
import type { FaultName } from "../faults/fault.ts";
import { journalFaults } from "../faults/journal.ts";
import type { Ending, Expectation, FaultCase, Moment } from "./fault-case.ts";
import { badReleasePoints, neverBooted, updatePoints, usualEndings, type Point } from "./points.ts";

const names = <Faults extends object>(faults: Faults): readonly (keyof Faults & FaultName)[] => Object.keys(faults) as (keyof Faults & FaultName)[];
const point = (step: string): Point => [...updatePoints, ...badReleasePoints].find((one) => one.step === step)!;
const idle: Moment = { kind: "idle" };

const short: ReadonlySet<string> = new Set([
  "content/file truncated",
  "content/dirtree missing",
  "content/commit 500",
  "content/file bit-flipped for good",
  "content/signature missing",
  "content/signature of another commit",
  "content/delta part bit-flipped",
  "content/content-reset",
  "stage:pull/disk full",
  "deploy/disk full",
  "set-default/disk full",
  "stage/clock 20 years back",
  "verifying/clock 20 years ahead",
  "after-stage/journal truncated",
  "after-deploy/journal bit-flipped",
  "verifying/journal gone",
  "after-stage/operator stages another",
  "after-deploy/operator undeploys what is next",
  "after-stage/operator cleans up",
]);

function at(point: Point, fault: FaultName, expect: Expectation): FaultCase {
  const { afterPowerCut: _, afterReboot: __, ...place } = point;
  const name = `${point.step}/${fault}`;
  return { ...place, name, fault, expect, short: short.has(name) };
}

/** What is damaged on the server is met by the pull. A delta is no reason to fail, a passing fault is waited for, and what stays wrong is the release's failure. */
function contentCases(): readonly FaultCase[] {
  return [...names(contentFaults), "content-reset" as const].map((fault) => {
    const isDelta = fault.startsWith("delta");
    const ends: Ending = fault.endsWith("for good") || fault.startsWith("signature") ? "failed(release)" : "updated";
    return at({ step: "content", scenario: isDelta ? "update" : "update-plain", moment: idle }, fault, { attempts: [[ends]] });
  });
}

/** With no room for its journal the agent waits; with room for that alone, what it cannot write is the node's failure. */
function diskFullCases(): readonly FaultCase[] {
  const usual = (step: string): Expectation => ({ attempts: usualEndings[point(step).scenario] });
  const failed: Expectation = { attempts: [["failed(node)"]] };
  const pull: Point = { ...point("stage:pull"), scenario: "update-plain" };
  const full = names(diskFullFaults).flatMap((fault) => [
    ...["confirm", "verifying", "set-default", "reboot back"].map((step) => at(point(step), fault, usual(step))),
    at(point("after-deploy"), fault, { attempts: [neverBooted, ["updated"]] }),
  ]);
  return [
    ...full,
    at(point("stage"), "disk full", { attempts: [["updated"]] }),
    at(pull, "disk full", { attempts: [["updated"]] }),
    at(point("deploy"), "disk full", { attempts: [["updated"]] }),
    at(point("stage"), "disk nearly full", failed),
    at(pull, "disk nearly full", failed),
    at(point("deploy"), "disk nearly full", failed),
  ];
}

function clockCases(): readonly FaultCase[] {
  return names(clockFaults).flatMap((fault) => [
    at({ step: "before the rollout", scenario: "update", moment: idle }, fault, { attempts: [["updated"]] }),
    ...["stage", "after-stage", "confirm", "deploy", "verifying", "set-default"].map((step) => at(point(step), fault, { attempts: usualEndings[point(step).scenario] })),
  ]);
}

function journalCases(): readonly FaultCase[] {
  return names(journalFaults).flatMap((fault) =>
    ["stage:pull", "after-stage", "after-confirm", "after-deploy", "verifying", "soaking", "set-default", "reboot back"].map((step) =>
      at(point(step), fault, { attempts: usualEndings[point(step).scenario] }),
    ),
  );
}

function operatorCases(): readonly FaultCase[] {
  const theirs = { attempts: [["failed(operator)"]], runs: "old" as const, othersDeployment: true as const } satisfies Expectation;
  return [
    at(point("stage"), "operator stages another", theirs),
    at(point("after-stage"), "operator stages another", theirs),
    at(point("after-deploy"), "operator stages another", theirs),
    at(point("stage"), "operator deploys another", theirs),
    at(point("after-stage"), "operator deploys another", theirs),
    at(point("after-stage"), "operator deploys and reboots", { ...theirs, runs: "other" }),
    at(point("after-deploy"), "operator undeploys what is next", { attempts: [["failed(operator)"]] }),
    at(point("verifying"), "operator deploys and reboots", { ...theirs, runs: "other" }),
    ...["stage", "after-stage", "after-deploy", "verifying", "set-default"].map((step) => at(point(step), "operator pins what runs", { attempts: usualEndings[point(step).scenario] })),
    ...["stage:pull", "after-stage", "deploy", "after-deploy", "verifying", "set-default"].map((step) => at(point(step), "operator cleans up", { attempts: usualEndings[point(step).scenario] })),
  ];
}

/** Somebody does not want a reboot now: it is waited for, and gone on with. A state of the boot guard that is damaged is set aside. */
function ownerCases(): readonly FaultCase[] {
  return [
    ...["stage", "confirm"].map((step) => at(point(step), "update lock", { attempts: [["updated"]] })),
    at(point("after-deploy"), "guard's order damaged", { attempts: [["updated"]] }),
    at(point("verifying"), "guard's order damaged", { attempts: [["updated"]] }),
  ];
}

export function specialCases(): readonly FaultCase[] {
  return [...contentCases(), ...diskFullCases(), ...clockCases(), ...journalCases(), ...operatorCases(), ...ownerCases()];
}
