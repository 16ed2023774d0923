import { parseSelector, type Labels, type Requirement } from "@treeline/fleet";
import { readRolloutDocument, type PolicyDraft } from "@treeline/rollout";
import { parse } from "yaml";
import type { Draws } from "../kernel/chance.ts";

/**
 * The policy in a person's document, for hosts that it does not know: what it says of single hosts by name is left out, the release is the simulation's.
 * @throws Error saying what is wrong with it
 */
export function readPolicyDocument(text: string): Omit<PolicyDraft, "release" | "channel"> {
  const read = readRolloutDocument(parse(text));
  if (!read.ok) throw new Error(read.violations.map(({ field, description }) => `${field} ${description}`).join("; "));
  const { channel: _, release: __, nodes: ___, exclude, selector = "*", ...policy } = read.document.policy;
  return { ...policy, selector, ...(exclude?.selector === undefined ? {} : { exclude: { selector: exclude.selector } }) };
}

/** Labels that make a host one of those that the policy is for; of what its waves and exclusions ask for, some have it. */
export function labelsFor({ selector, waves, exclude }: Pick<PolicyDraft, "selector" | "waves" | "exclude">, draws: Draws): Labels {
  const labels: Record<string, string> = {};
  for (const text of [...waves.map((wave) => wave.selector), exclude?.selector])
    for (const requirement of requirementsOf(text)) if (draws.happens(0.5)) meet(labels, requirement, draws);
  for (const requirement of requirementsOf(selector)) meet(labels, requirement, draws);
  return labels;
}

function requirementsOf(text: string | undefined): readonly Requirement[] {
  const parsed = text === undefined ? undefined : parseSelector(text);
  return parsed?.ok === true ? parsed.selector : [];
}

function meet(labels: Record<string, string>, requirement: Requirement, draws: Draws): void {
  const { key, operator } = requirement;
  if (operator === "in" && !requirement.values.includes(labels[key] ?? "")) labels[key] = draws.pick(requirement.values);
  if (operator === "exists") labels[key] ??= "yes";
  if (operator === "absent" || (operator === "notin" && requirement.values.includes(labels[key] ?? ""))) delete labels[key];
}
