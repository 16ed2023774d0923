import { randomBytes } from "node:crypto";
import { isChecksum, shortChecksum } from "@treeline/fleet";
import type { PolicyDraft, Wave } from "@treeline/rollout";
import type { wire } from "@treeline/rpc";
import { CliError } from "./cli-error.ts";

const maxInt32 = 0x7fff_ffff;

/** A checked draft as it goes over the wire. @throws CliError usage for a wave that the wire cannot carry */
export function policyMessage({ release, selector, waves, maxUnavailable, nodeSoakMillis, retries }: PolicyDraft): wire.RolloutPolicy {
  return {
    release,
    selector,
    waves: waves.map(waveMessage),
    maxUnavailable,
    nodeSoakMillis,
    ...(retries === undefined ? {} : { retries }),
  };
}

function waveMessage(wave: Wave, index: number): wire.Wave {
  if ("rest" in wave) return { rest: true };
  if ("percent" in wave) return { percent: wave.percent };
  if (wave.count <= maxInt32) return { count: wave.count };
  // Protobuf would send another number without a word.
  throw new CliError(`wave ${index + 1} takes ${wave.count} nodes, more than can be written down`, {
    code: "usage",
    subject: `waves[${index}]`,
    remedy: "use rest",
  });
}

/** A rollout's name made of its release and four random characters, such as "42.1-k3x9". */
export function generatedName(release: string): string {
  const isCommit: boolean = isChecksum(release);
  const base = (isCommit ? shortChecksum(release) : release.toLowerCase())
    .replaceAll(/[^a-z0-9.]+/g, "-")
    .slice(0, 50)
    .replaceAll(/^[-.]+|[-.]+$/g, "");
  return `${base === "" ? "rollout" : base}-${randomBytes(2).toString("hex")}`;
}
