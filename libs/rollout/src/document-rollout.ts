import type { DocumentFields } from "./document-fields.ts";
import type { WaveSize } from "./policy.ts";
import type { GateDraft, PolicyDraft, RetriesDraft, WaveDraft } from "./policy-draft.ts";

/** The fields of `spec` in a `kind: Rollout` document. */
export const rolloutFields = [
  "release",
  "channel",
  "selector",
  "nodes",
  "exclude",
  "priority",
  "cure",
  "waves",
  "maxUnavailable",
  "budgets",
  "nodeSoak",
  "gate",
  "onFailure",
  "timeouts",
  "retries",
  "staging",
] as const;

const sizes = ["count", "percent", "rest"] as const;

export function readRolloutSpec(spec: DocumentFields): PolicyDraft {
  const exclude = spec.part("exclude", ["selector", "nodes"]);
  const timeouts = spec.part("timeouts", ["eligible", "staging", "draining", "rebooting", "verifying"]);
  const staging = spec.part("staging", ["nodes", "bytesPerSecond", "jitter"]);
  return {
    release: spec.text("release"),
    channel: spec.text("channel"),
    selector: spec.text("selector"),
    nodes: spec.texts("nodes"),
    exclude: exclude && { selector: exclude.text("selector"), nodes: exclude.texts("nodes") },
    priority: spec.number("priority"),
    cure: spec.flag("cure"),
    waves: readWaves(spec),
    maxUnavailable: readMaxUnavailable(spec),
    budgets: spec.parts("budgets", ["per", "maxUnavailable", "minAvailable"])?.map((budget) => ({
      per: budget.text("per"),
      maxUnavailable: budget.amount("maxUnavailable"),
      minAvailable: budget.amount("minAvailable"),
    })),
    nodeSoakMillis: spec.duration("nodeSoak"),
    gate: readGate(spec),
    onFailure: spec.text("onFailure"),
    timeouts: timeouts && {
      eligibleMillis: timeouts.duration("eligible"),
      stagingMillis: timeouts.duration("staging"),
      drainingMillis: timeouts.duration("draining"),
      rebootingMillis: timeouts.duration("rebooting"),
      verifyingMillis: timeouts.duration("verifying"),
    },
    retries: readRetries(spec),
    staging: staging && {
      nodes: staging.number("nodes"),
      bytesPerSecond: staging.bytes("bytesPerSecond"),
      jitterMillis: staging.duration("jitter"),
    },
  };
}

function readWaves(spec: DocumentFields): readonly WaveDraft[] {
  if (!spec.has("waves")) spec.refuse('is missing; write a list such as "- count: 1", "- percent: 20", "- rest: true"', "waves");
  const waves = spec.parts("waves", ["name", ...sizes, "selector", "bake", "approval", "gate"]) ?? [];
  return waves.map((wave) => ({
    name: wave.text("name"),
    size: readSize(wave),
    selector: wave.text("selector"),
    bakeMillis: wave.duration("bake"),
    approval: wave.flag("approval"),
    gate: readGate(wave),
  }));
}

function readSize(wave: DocumentFields): WaveSize | undefined {
  const written = sizes.filter((size) => wave.has(size));
  if (written.length > 1) return wave.refuse(`must have only one of count, percent or rest, not ${written.join(" and ")}`);
  if (wave.has("rest") && wave.flag("rest") === false) return wave.refuse("is false; the only value is true", "rest");
  if (wave.has("rest")) return { rest: true };
  const count = wave.number("count");
  const percent = wave.percent("percent");
  if (count !== undefined) return { count };
  return percent === undefined ? undefined : { percent };
}

/** An empty text is what a template makes of an unset variable; only clients may send it for the default. */
function readMaxUnavailable(spec: DocumentFields): string | undefined {
  const amount = spec.amount("maxUnavailable");
  return amount?.trim() === "" ? spec.refuse('is empty; write a count such as 2 or a percentage such as "10%"', "maxUnavailable") : amount;
}

function readGate(fields: DocumentFields): GateDraft | undefined {
  const gate = fields.part("gate", ["maxFailures", "failureRate"]);
  const rate = gate?.part("failureRate", ["acceptable", "unacceptable", "falseAlarm", "miss", "minSample"]);
  return (
    gate && {
      maxFailures: gate.number("maxFailures"),
      failureRate: rate && {
        acceptable: rate.fraction("acceptable"),
        unacceptable: rate.fraction("unacceptable"),
        falseAlarm: rate.fraction("falseAlarm"),
        miss: rate.fraction("miss"),
        minSample: rate.number("minSample"),
      },
    }
  );
}

/** `retries: 3` is short for the limit alone. */
function readRetries(spec: DocumentFields): RetriesDraft | undefined {
  const short = spec.value("retries");
  if (typeof short === "number" || typeof short === "string") return { limit: spec.number("retries") };
  const retries = spec.part("retries", ["limit", "backoff", "maxBackoff"]);
  return (
    retries && {
      limit: retries.number("limit"),
      backoffMillis: retries.duration("backoff"),
      maxBackoffMillis: retries.duration("maxBackoff"),
    }
  );
}
