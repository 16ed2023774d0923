import type { FaultName } from "../faults/fault.ts";
import type { Expectation, LongCase } from "./fault-case.ts";
import { badReleasePoints, countedPoint, deployPoints, finalizePoints, frozenPoint, guardPoints, hookPoints, mutePoints, pullPoints, setDefaultPoints, updatePoints, usualEndings, wayBackPoints, type Point } from "./points.ts";

/** What may come at any time. */
const everywhere: readonly FaultName[] = ["kill-agent", "power-cut", "reboot", "kill-server", "network-cut", "black-hole", "second-agent"];
/** While a program runs that changes the disk. */
const duringChange: readonly FaultName[] = ["kill-agent", "power-cut"];
const duringPull: readonly FaultName[] = [...duringChange, "reboot", "kill-server", "network-cut", "black-hole", "session-reset", "slow-network"];

function expectation(point: Point, fault: FaultName): Expectation {
  const usual = usualEndings[point.scenario];
  if (fault === "power-cut") return { attempts: point.afterPowerCut ?? usual };
  if (fault === "reboot") return { attempts: point.afterReboot ?? usual };
  return { attempts: usual };
}

function crossed(points: readonly Point[], faults: readonly FaultName[]): readonly LongCase[] {
  return points.flatMap((point) =>
    faults.map((fault) => {
      const { afterPowerCut: _, afterReboot: __, ...place } = point;
      const name = `${point.step}/${fault}`;
      return { ...place, name, fault, expect: expectation(point, fault) };
    }),
  );
}

/** Each point against each of the faults that may come there. */
export function stepCases(): readonly LongCase[] {
  return [
    ...crossed([...updatePoints, ...badReleasePoints], everywhere),
    ...crossed(
      updatePoints.filter(({ step }) => ["stage:pull", "deploy", "verifying"].includes(step)),
      ["kill-agent-thrice"],
    ),
    ...crossed(wayBackPoints, ["kill-agent", "power-cut", "reboot"]),
    ...crossed(hookPoints, ["kill-agent", "power-cut", "reboot", "network-cut"]),
    ...crossed(guardPoints, ["kill-agent", "power-cut", "reboot"]),
    ...crossed(mutePoints, ["power-cut"]),
    ...crossed(mutePoints.slice(0, 1), ["nothing", "kill-server", "network-cut", "reboot"]),
    ...crossed([countedPoint], ["three power cuts", "three reboots"]),
    ...crossed(pullPoints, duringPull),
    ...crossed([...deployPoints, ...setDefaultPoints], duringChange),
    ...crossed([...finalizePoints, frozenPoint], ["power-cut"]),
  ];
}
