import type { FieldViolation, PolicyDraft, Wave } from "./policy.ts";

/** A `kind: Rollout` document, read but not yet checked as a policy. */
export interface RolloutDocument {
  readonly name: string;
  readonly policy: PolicyDraft;
}

export type ReadDocument =
  | { readonly ok: true; readonly document: RolloutDocument }
  | { readonly ok: false; readonly violations: readonly FieldViolation[] };

type Fields = Readonly<Record<string, unknown>>;

const specFields = ["release", "selector", "waves", "maxUnavailable", "nodeSoak", "retries"];

/** Reads a parsed YAML or JSON value as a rollout document. Fields it does not know are refused: a typing mistake must not widen a rollout. */
export function readRolloutDocument(value: unknown): ReadDocument {
  const violations: FieldViolation[] = [];
  const wrong = (field: string, description: string): void => void violations.push({ field, description });
  if (!isFields(value))
    return { ok: false, violations: [{ field: "", description: "is not a document with apiVersion, kind, metadata and spec" }] };
  if (value["apiVersion"] !== "treeline/v1") wrong("apiVersion", `is ${show(value["apiVersion"])}; write treeline/v1`);
  if (value["kind"] !== "Rollout") wrong("kind", `is ${show(value["kind"])}; the only kind here is Rollout`);
  unknownFields("", value, ["apiVersion", "kind", "metadata", "spec"], wrong);
  const metadata = isFields(value["metadata"]) ? value["metadata"] : {};
  unknownFields("metadata.", metadata, ["name"], wrong);
  const name = textOf(metadata["name"], "metadata.name", wrong);
  const spec = isFields(value["spec"]) ? value["spec"] : {};
  if (!isFields(value["spec"])) wrong("spec", "is missing");
  unknownFields("spec.", spec, specFields, wrong);

  const policy: PolicyDraft = {
    release: textOf(spec["release"], "spec.release", wrong),
    selector: textOf(spec["selector"], "spec.selector", wrong),
    waves: wavesOf(spec["waves"], wrong),
    maxUnavailable: amountTextOf(spec["maxUnavailable"], wrong),
    nodeSoakMillis: spec["nodeSoak"] === undefined ? 0 : durationOf(spec["nodeSoak"], "spec.nodeSoak", wrong),
    ...(spec["retries"] === undefined ? {} : { retries: numberOf(spec["retries"], "spec.retries", wrong) }),
  };
  return violations.length > 0 ? { ok: false, violations } : { ok: true, document: { name, policy } };
}

/** "250ms", "30s", "10m", "1h" or "2d" in milliseconds; undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim());
  if (!match) return text.trim() === "0" ? 0 : undefined;
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] as "ms" | "s" | "m" | "h" | "d"];
  return Number(match[1]) * unit;
}

type Wrong = (field: string, description: string) => void;

function wavesOf(value: unknown, wrong: Wrong): readonly Wave[] {
  if (!Array.isArray(value)) {
    wrong("spec.waves", 'is not a list of waves such as "- count: 1", "- percent: 20", "- rest: true"');
    return [];
  }
  return value.flatMap((entry: unknown, index): Wave[] => {
    const field = `spec.waves[${index}]`;
    const keys = isFields(entry) ? Object.keys(entry) : [];
    const key = keys[0];
    if (!isFields(entry) || keys.length !== 1 || (key !== "count" && key !== "percent" && key !== "rest")) {
      wrong(field, `must have exactly one of count, percent or rest, not ${keys.length === 0 ? show(entry) : keys.join(", ")}`);
      return [];
    }
    if (key === "rest") {
      if (entry["rest"] !== true) wrong(`${field}.rest`, `is ${show(entry["rest"])}; the only value is true`);
      return [{ rest: true }];
    }
    return key === "count"
      ? [{ count: numberOf(entry[key], `${field}.count`, wrong) }]
      : [{ percent: numberOf(withoutPercentSign(entry[key]), `${field}.percent`, wrong) }];
  });
}

/** `percent: 20%` says the same as `percent: 20`. In a count the sign would change the meaning, so it is refused there. */
function withoutPercentSign(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/%$/, "") : value;
}

function numberOf(value: unknown, field: string, wrong: Wrong): number {
  const number = typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  wrong(field, `is ${show(value)}, not a number`);
  return Number.NaN;
}

function durationOf(value: unknown, field: string, wrong: Wrong): number {
  const millis = typeof value === "string" || value === 0 ? parseDuration(String(value)) : undefined;
  if (millis === undefined) wrong(field, `is ${show(value)}; write a duration such as "30s" or "10m"`);
  return millis ?? 0;
}

function amountTextOf(value: unknown, wrong: Wrong): string {
  if (value === undefined) return "1";
  return typeof value === "number" ? String(value) : textOf(value, "spec.maxUnavailable", wrong);
}

function textOf(value: unknown, field: string, wrong: Wrong): string {
  if (typeof value === "string") return value;
  // 2.0 would silently become "2": YAML has lost the text by now.
  if (typeof value === "number") wrong(field, `is the number ${value}; put it in quotes, such as "${value}"`);
  else wrong(field, value === undefined || value === null ? "is missing" : `is ${show(value)}, not text`);
  return "";
}

function unknownFields(prefix: string, fields: Fields, known: readonly string[], wrong: Wrong): void {
  for (const key of Object.keys(fields))
    if (!known.includes(key)) wrong(`${prefix}${key}`, `is not a field here; known are ${known.join(", ")}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? "missing" : (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
