import type { FaultName } from "../faults/fault.ts";
import type { Ending, Expectation, FaultCase, Moment, Scenario } from "./fault-case.ts";

/** A place in an upgrade at which everything may go wrong. */
interface StepPoint {
  readonly step: string;
  readonly scenario: Scenario;
  readonly moment: Moment;
  readonly soakMillis?: number;
  /** How the attempts end when the power goes here, or the machine is restarted; default: as if nothing had happened. */
  readonly afterPowerCut?: readonly (readonly Ending[])[];
  readonly afterReboot?: readonly (readonly Ending[])[];
}

const hold = (point: string, journal?: string): Moment => ({ kind: "hold", point, ...(journal === undefined ? {} : { journal }) });

/** What was confirmed and not written when the host went down is Failed(never-booted), and tried again. */
const neverBooted: readonly Ending[] = ["failed(never-booted)", "updated"];

const updatePoints: readonly StepPoint[] = [
  { step: "stage", scenario: "update", moment: hold("stage") },
  { step: "stage:pull", scenario: "update", moment: hold("stage:pull") },
  { step: "after-stage", scenario: "update", moment: hold("after-stage") },
  { step: "confirm", scenario: "update", moment: hold("confirm") },
  { step: "after-confirm", scenario: "update", moment: hold("after-confirm") },
  { step: "deploy", scenario: "update", moment: hold("deploy"), afterPowerCut: [neverBooted], afterReboot: [neverBooted] },
  { step: "after-deploy", scenario: "update", moment: hold("after-deploy"), afterPowerCut: [neverBooted] },
  { step: "reboot", scenario: "update", moment: hold("reboot"), afterPowerCut: [neverBooted] },
  { step: "verifying", scenario: "update", moment: hold("run-checks", "verifying") },
  { step: "after-run-checks", scenario: "update", moment: hold("after-run-checks", "verifying") },
  { step: "soaking", scenario: "update", moment: { kind: "journal", step: "soaking" }, soakMillis: 3000 },
];

const badReleasePoints: readonly StepPoint[] = [
  { step: "red checks", scenario: "bad-release", moment: hold("after-run-checks", "verifying") },
  { step: "set-default", scenario: "bad-release", moment: hold("set-default") },
  { step: "after-set-default", scenario: "bad-release", moment: hold("after-set-default") },
  { step: "reboot back", scenario: "bad-release", moment: hold("reboot", "going-back") },
  { step: "checks after the way back", scenario: "bad-release", moment: hold("run-checks", "going-back") },
];

const everywhere: readonly FaultName[] = ["kill-agent", "power-cut", "reboot", "kill-server", "network-cut", "black-hole", "second-agent"];

function expectation(point: StepPoint, fault: FaultName): Expectation {
  const usual: readonly (readonly Ending[])[] = point.scenario === "bad-release" ? [["rolled-back"]] : [["updated"]];
  if (fault === "power-cut") return { attempts: point.afterPowerCut ?? usual };
  if (fault === "reboot") return { attempts: point.afterReboot ?? usual };
  return { attempts: usual };
}

/** Each point against each of the faults that may come at any time. */
export function stepCases(): readonly FaultCase[] {
  return [...updatePoints, ...badReleasePoints].flatMap((point) =>
    everywhere.map((fault) => {
      const { step, scenario, moment, soakMillis } = point;
      return { name: `${step}/${fault}`, step, fault, scenario, moment, expect: expectation(point, fault), short: false, ...(soakMillis === undefined ? {} : { soakMillis }) };
    }),
  );
}
