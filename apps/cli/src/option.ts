import { labelKeyProblem, labelValueProblem, parseAmount, parseSelector } from "@treeline/fleet";
import { maxWaves, parseDuration, type WaveDraft } from "@treeline/rollout";
import { InvalidArgumentError } from "commander";

/**
 * Parsers of option values, for commander's argument position: each returns the value or throws InvalidArgumentError, whose message
 * commander prints behind the option's name.
 */

/** "30s", "10m", "1h" in milliseconds. */
export function durationOption(text: string): number {
  const millis = parseDuration(text);
  if (millis === undefined) throw new InvalidArgumentError('Write a duration such as "30s", "10m" or "1h".');
  return millis;
}

/** A duration that is not nothing, at most 24 days (the longest that one timer can wait). */
export function timeoutOption(text: string): number {
  const millis = durationOption(text);
  if (millis < 1 || millis > 24 * 86_400_000) throw new InvalidArgumentError("It must be more than 0 and at most 24d.");
  return millis;
}

/** A whole number from `least` to `most`. */
export function integerOption(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= least && number <= most)) throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return number;
  };
}

/** A label selector; an empty one is refused, because nobody shall update a fleet by an unset shell variable. */
export function selectorOption(text: string): string {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new InvalidArgumentError(`The selector ${parsed.problem}.`);
  return text.trim();
}

/** "2" or "10%", kept as written. */
export function amountOption(text: string): string {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new InvalidArgumentError(`${parsed.problem}.`);
  return text.trim();
}

/** "1,50%,rest": how many nodes each wave takes, in order. */
export function wavesOption(text: string): readonly WaveDraft[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length > maxWaves) throw new InvalidArgumentError(`There are ${parts.length} waves; at most ${maxWaves} are allowed.`);
  return parts.map((part, index) => waveOf(part, index, parts.length));
}

function waveOf(part: string, index: number, total: number): WaveDraft {
  const wrong = (problem: string): InvalidArgumentError => new InvalidArgumentError(`Wave ${index + 1} ${problem}.`);
  if (part === "") throw wrong('is empty; remove a comma, or write a count ("2"), a percentage ("50%") or "rest"');
  if (part === "rest") {
    if (index < total - 1) throw wrong('("rest") takes every node that is left, so no wave can follow it; move it to the end');
    return { size: { rest: true } };
  }
  const parsed = parseAmount(part);
  if (!parsed.ok) throw wrong(`is not right: ${parsed.problem}; "rest" takes every node that is left`);
  const size = "count" in parsed.amount ? parsed.amount.count : parsed.amount.percent;
  if (size === 0) throw wrong(`(${JSON.stringify(part)}) takes no node; a wave takes at least one`);
  return { size: parsed.amount };
}

export type LabelMap = Readonly<Record<string, string>>;

/** "key=value", collected over repeated options. A key given twice is refused: one of the two would be lost unseen. */
export function labelOption(text: string, before: LabelMap = {}): LabelMap {
  const { key, value } = labelOf(text);
  if (Object.hasOwn(before, key)) throw new InvalidArgumentError(`Label ${key} is given twice.`);
  return { ...before, [key]: value };
}

/** What "key=value" and "key-" (as kubectl has it) shall do to a node's labels. @throws InvalidArgumentError */
export function labelChanges(texts: readonly string[]): { readonly set: LabelMap; readonly remove: readonly string[] } {
  let set: LabelMap = {};
  const remove: string[] = [];
  for (const text of texts) {
    if (!text.includes("=") && text.endsWith("-")) {
      const key = text.slice(0, -1);
      const problem = labelKeyProblem(key);
      if (problem !== undefined) throw new InvalidArgumentError(`${problem}.`);
      remove.push(key);
    } else set = labelOption(text, set);
  }
  const both = remove.find((key) => Object.hasOwn(set, key));
  if (both !== undefined) throw new InvalidArgumentError(`Label ${both} is both set and removed.`);
  return { set, remove };
}

function labelOf(text: string): { readonly key: string; readonly value: string } {
  const equals = text.indexOf("=");
  if (equals < 0) throw new InvalidArgumentError(`${JSON.stringify(text)} has no "="; write key=value.`);
  const key = text.slice(0, equals);
  const value = text.slice(equals + 1);
  const problem = labelKeyProblem(key) ?? labelValueProblem(value);
  if (problem !== undefined) throw new InvalidArgumentError(`${problem}.`);
  return { key, value };
}

/** Collects a repeated option as it is. */
export function collectOption(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
