import type { FaultCase } from "./fault-case.ts";
import { specialCases } from "./special.ts";
import { stepCases } from "./steps.ts";

/** The short form, for every change: each kind of fault, at the steps where it costs most to be wrong. */
export const shortCases: readonly string[] = [
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
  "reboot/operator undeploys what is next",
  "after-stage/operator cleans up",
];

/** The whole matrix. Names are unique. */
export function allCases(): readonly FaultCase[] {
  const short = new Set(shortCases);
  return [...stepCases(), ...specialCases()].map((one) => ({ ...one, short: short.has(one.name) }));
}
