// Faults that have their own places: content, disk space, the time of day, the journal, an operator at work.
import { contentFaults } from "../faults/content.ts";
import { clockFaults } from "../faults/clock.ts";
import { diskFullFaults } from "../faults/disk-full.ts";
import type { FaultName } from "../faults/fault.ts";
import { journalFaults } from "../faults/journal.ts";
import type { Ending, Expectation, LongCase, Moment } from "./fault-case.ts";
import { badReleasePoints, neverBooted, updatePoints, usualEndings, type Point } from "./points.ts";

const names = <Faults extends object>(faults: Faults): readonly (keyof Faults & FaultName)[] => Object.keys(faults) as (keyof Faults & FaultName)[];
const point = (step: string): Point => [...updatePoints, ...badReleasePoints].find((one) => one.step === step)!;
const idle: Moment = { kind: "idle" };

function at(point: Point, fault: FaultName, expect: Expectation): LongCase {
  const { afterPowerCut: _, afterReboot: __, ...place } = point;
  const name = `${point.step}/${fault}`;
  return { ...place, name, fault, expect };
}

/** What is damaged on the server is met by the pull. A delta is no reason to fail, a passing fault is waited for, and what stays wrong is the release's failure. */
function contentCases(): readonly LongCase[] {
  return [...names(contentFaults), "content-reset" as const].map((fault) => {
    const isDelta = fault.startsWith("delta");
    const ends: Ending = fault.endsWith("for good") || fault.startsWith("signature") ? "failed(release)" : "updated";
    return at({ step: "content", scenario: isDelta ? "update" : "update-plain", moment: idle }, fault, { attempts: [[ends]] });
  });
}

/** With no room for its journal the agent waits; with room for that alone, what it cannot write is the node's failure. */
function diskFullCases(): readonly LongCase[] {
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
    // A deploy that fails half way may leave no room for the journal either: then the agent waits.
    at(point("deploy"), "disk nearly full", { attempts: [...failed.attempts, ["updated"]] }),
  ];
}

function clockCases(): readonly LongCase[] {
  return names(clockFaults).flatMap((fault) => [
    at({ step: "before the rollout", scenario: "update", moment: idle }, fault, { attempts: [["updated"]] }),
    ...["stage", "after-stage", "confirm", "deploy", "verifying", "set-default"].map((step) => at(point(step), fault, { attempts: usualEndings[point(step).scenario] })),
  ]);
}

/**
 * An agent that has lost its journal after the confirmation knows no attempt. If it says so before it takes up the order again, the server counts the attempt
 * as closed and orders another.
 */
function journalCases(): readonly LongCase[] {
  const orAbandoned: Expectation = { attempts: [["updated"], ["abandoned", "updated"]] };
  return names(journalFaults).flatMap((fault) => [
    ...["stage:pull", "after-stage", "after-deploy", "verifying", "soaking", "set-default", "reboot back"].map((step) => at(point(step), fault, { attempts: usualEndings[point(step).scenario] })),
    at(point("after-confirm"), fault, orAbandoned),
  ]);
}

/**
 * What a person has made the next to boot is not overwritten. What was undeployed before the reboot was asked for cannot be told from what was never written: it is
 * confirmed and deployed anew, at once or, when the reboot finds the old one, by another attempt.
 */
function operatorCases(): readonly LongCase[] {
  const theirs = { attempts: [["failed(operator)"]], runs: "old" as const, othersDeployment: true as const } satisfies Expectation;
  return [
    at(point("stage"), "operator stages another", theirs),
    at(point("after-stage"), "operator stages another", theirs),
    at(point("after-deploy"), "operator stages another", theirs),
    at(point("stage"), "operator deploys another", theirs),
    at(point("after-stage"), "operator deploys another", theirs),
    at(point("after-stage"), "operator deploys and reboots", { ...theirs, runs: "other" }),
    at(point("after-deploy"), "operator undeploys what is next", { attempts: [["updated"]] }),
    // The agent may look once more before the shutdown reaches it, and then sees who did it.
    at(point("reboot"), "operator undeploys what is next", { attempts: [neverBooted, ["failed(operator)"]] }),
    at(point("verifying"), "operator deploys and reboots", { ...theirs, runs: "other", keepsSlot: true }),
    ...["stage", "after-stage", "after-deploy", "verifying", "set-default"].map((step) => at(point(step), "operator pins what runs", { attempts: usualEndings[point(step).scenario] })),
    ...["stage:pull", "after-stage", "deploy", "after-deploy", "verifying", "set-default"].map((step) => at(point(step), "operator cleans up", { attempts: usualEndings[point(step).scenario] })),
  ];
}

/** Somebody does not want a reboot now: it is waited for, and gone on with. A state of the boot guard that is damaged is set aside. */
function ownerCases(): readonly LongCase[] {
  return [
    ...["stage", "confirm"].map((step) => at(point(step), "update lock", { attempts: [["updated"]] })),
    at(point("after-deploy"), "guard's order damaged", { attempts: [["updated"]] }),
    at(point("verifying"), "guard's order damaged", { attempts: [["updated"]] }),
  ];
}

export function specialCases(): readonly LongCase[] {
  return [...contentCases(), ...diskFullCases(), ...clockCases(), ...journalCases(), ...operatorCases(), ...ownerCases()];
}
