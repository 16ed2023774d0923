import type { FaultName } from "../faults/fault.ts";
import type { Expectation, FaultCase } from "./fault-case.ts";
import { badReleasePoints, countedPoint, deployPoints, finalizePoints, frozenPoint, guardPoints, hookPoints, mutePoints, pullPoints, setDefaultPoints, updatePoints, usualEndings, wayBackPoints, type Point } from "./points.ts";

/** What may come at any time. */
const everywhere: readonly FaultName[] = ["kill-agent", "power-cut", "reboot", "kill-server", "network-cut", "black-hole", "second-agent"];
/** While a program runs that changes the disk. */
const duringChange: readonly FaultName[] = ["kill-agent", "power-cut"];
const duringPull: readonly FaultName[] = [...duringChange, "reboot", "kill-server", "network-cut", "black-hole", "session-reset", "slow-network"];

/** In CI: one fault of each kind at the steps where it costs most to be wrong. */
const short = new Set([
  "stage:pull/kill-agent",
  "stage:pull/power-cut",
  "after-stage/reboot",
  "confirm/kill-server",
  "after-confirm/power-cut",
  "after-confirm/kill-agent",
  "deploy/power-cut",
  "after-deploy/kill-agent",
  "after-deploy/network-cut",
  "reboot/power-cut",
  "verifying/power-cut",
  "verifying/kill-server",
  "soaking/reboot",
  "soaking/second-agent",
  "set-default/power-cut",
  "after-set-default/kill-agent",
  "checks after the way back/power-cut",
  "ordered back: after-set-default/power-cut",
  "drain hooks/power-cut",
  "post-update hooks/kill-agent",
  "disarm/power-cut",
  "mute release, by deadline/nothing",
  "mute release, by count/three power cuts",
  "during the pull of objects, late/power-cut",
  "during the pull of objects, early/black-hole",
  "during deploy: half a tree/kill-agent",
  "during deploy: whole tree/power-cut",
  "during finalize: /etc merged/power-cut",
  "during finalize: loader swapped/power-cut",
  "during set-default: loader swapped/power-cut",
]);

function expectation(point: Point, fault: FaultName): Expectation {
  const usual = usualEndings[point.scenario];
  if (fault === "power-cut") return { attempts: point.afterPowerCut ?? usual };
  if (fault === "reboot") return { attempts: point.afterReboot ?? usual };
  return { attempts: usual };
}

function crossed(points: readonly Point[], faults: readonly FaultName[]): readonly FaultCase[] {
  return points.flatMap((point) =>
    faults.map((fault) => {
      const { afterPowerCut: _, afterReboot: __, ...place } = point;
      const name = `${point.step}/${fault}`;
      return { ...place, name, fault, expect: expectation(point, fault), short: short.has(name) };
    }),
  );
}

/** Each point against each of the faults that may come there. */
export function stepCases(): readonly FaultCase[] {
  return [
    ...crossed([...updatePoints, ...badReleasePoints], everywhere),
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
