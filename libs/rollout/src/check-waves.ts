import { checkDuration, checkSelector, checkWholeNumber, day, sameSelector, type Wrong } from "./check-field.ts";
import { checkGate } from "./check-gate.ts";
import type { Gate, Wave, WaveSize } from "./policy.ts";
import type { WaveDraft } from "./policy-draft.ts";

export const maxWaves = 100;
export const maxBakeMillis = 30 * day;
const maxCount = 1_000_000;
const waveName = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** `gate`: the rollout's own, and whether somebody wrote it. */
export interface WavesContext {
  readonly gate: Gate;
  readonly gateIsWritten: boolean;
}

export function checkWaves(drafts: readonly WaveDraft[], context: WavesContext, wrong: Wrong): readonly Wave[] {
  if (drafts.length === 0) wrong("spec.waves", 'has no wave; write at least one, such as "- rest: true"');
  if (drafts.length > maxWaves) {
    wrong("spec.waves", `has ${drafts.length} waves; at most ${maxWaves} are allowed`);
    return [];
  }
  const waves = drafts.map((draft, index) => checkWave(draft, index, context, wrong));
  checkNames(drafts, waves, wrong);
  checkCoverage(drafts, waves, wrong);
  return waves;
}

function checkWave(draft: WaveDraft, index: number, context: WavesContext, wrong: Wrong): Wave {
  const field = `spec.waves[${index}]`;
  if (draft.name !== undefined && !waveName.test(draft.name))
    wrong(
      `${field}.name`,
      `"${draft.name.slice(0, 80)}" must be 1 to 63 letters, digits, '-', '_' or '.', beginning and ending with a letter or digit`,
    );
  const gate = draft.gate === undefined ? undefined : checkGate(draft.gate, `${field}.gate`, wrong);
  if (gate !== undefined) checkGateCanClose(gate, `${field}.gate`, context, wrong);
  return {
    name: draft.name ?? `wave-${index + 1}`,
    size: checkSize(draft, field, wrong),
    ...(draft.selector === undefined ? {} : { selector: checkSelector(draft.selector, `${field}.selector`, wrong) }),
    bakeMillis: checkDuration(draft.bakeMillis, { field: `${field}.bake`, least: 0, most: maxBakeMillis, fallback: 0 }, wrong),
    approval: draft.approval ?? false,
    ...(gate === undefined ? {} : { gate }),
  };
}

function checkSize({ size, selector }: WaveDraft, field: string, wrong: Wrong): WaveSize {
  if (size === undefined) {
    if (selector === undefined) wrong(field, "does not say which nodes it takes; write one of count, percent or rest, or a selector");
    return { rest: true };
  }
  if ("count" in size)
    return { count: checkWholeNumber(size.count, { field: `${field}.count`, least: 1, most: maxCount, fallback: 1 }, wrong) };
  if ("percent" in size && !(size.percent > 0 && size.percent <= 100))
    wrong(`${field}.percent`, `is ${size.percent}; it must be more than 0 and at most 100`);
  return size;
}

/** The rollout's gate counts every failure of the wave, too. */
function checkGateCanClose(gate: Gate, field: string, { gate: rollouts, gateIsWritten }: WavesContext, wrong: Wrong): void {
  if (gate.maxFailures === undefined || rollouts.maxFailures === undefined || gate.maxFailures <= rollouts.maxFailures) return;
  const first = `${rollouts.maxFailures}${gateIsWritten ? "" : " by default"}`;
  wrong(
    `${field}.maxFailures`,
    `is ${gate.maxFailures}, but the rollout's own gate (spec.gate.maxFailures: ${first}) always closes first; lower this one or raise that one`,
  );
}

function checkNames(drafts: readonly WaveDraft[], waves: readonly Wave[], wrong: Wrong): void {
  const first = new Map<string, number>();
  waves.forEach(({ name }, index) => {
    const before = first.get(name);
    if (before === undefined) return void first.set(name, index);
    // The name that somebody wrote is the one to change, not a default.
    const at = drafts[index]?.name === undefined ? before : index;
    const other = at === before ? index : before;
    wrong(
      `spec.waves[${at}].name`,
      `"${name}" is the name of spec.waves[${other}], too${drafts[other]?.name === undefined ? " (by default)" : ""}; choose another`,
    );
  });
}

/** A wave that takes all that is left leaves nothing for a later one over the same nodes. */
function checkCoverage(drafts: readonly WaveDraft[], waves: readonly Wave[], wrong: Wrong): void {
  const all = waves.findIndex(({ size, selector }) => "rest" in size && (selector === undefined || selector === "*"));
  if (all >= 0 && all < waves.length - 1) {
    const key = drafts[all]?.size === undefined ? "selector" : "rest";
    wrong(`spec.waves[${all}].${key}`, "takes every node that is left, so no wave can follow it; move it to the end");
  }
  waves.forEach(({ selector }, index) => {
    if (selector === undefined) return;
    const before = waves.findIndex(
      (one, at) => at < index && "rest" in one.size && one.selector !== undefined && sameSelector(one.selector, selector),
    );
    if (before >= 0 && before !== all)
      wrong(
        `spec.waves[${index}].selector`,
        `takes no node: spec.waves[${before}] takes all that this selector matches; put this wave before it, or remove it`,
      );
  });
}
