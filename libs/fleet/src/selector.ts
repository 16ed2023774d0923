import { labelKeyProblem, labelValueProblem, type Labels } from "./labels.ts";

/** One requirement of a label selector, as Kubernetes has them. */
export type Requirement =
  | { readonly operator: "in" | "notin"; readonly key: string; readonly values: readonly string[] }
  | { readonly operator: "exists" | "absent"; readonly key: string };

/** All requirements must hold. No requirement: every node; only the explicit text `*` parses to that. */
export type Selector = readonly Requirement[];

export type ParsedSelector = { readonly ok: true; readonly selector: Selector } | { readonly ok: false; readonly problem: string };

const setRequirement = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const equality = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/;

/**
 * Parses Kubernetes' label selector syntax: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a` (exists), `!a` (absent), joined by commas;
 * `*` selects every node. As in Kubernetes, `!=` and `notin` also match nodes without the key.
 * An empty selector is refused: nobody shall update a whole fleet by leaving a field out.
 */
export function parseSelector(text: string): ParsedSelector {
  const trimmed = text.trim();
  if (trimmed === "") return { ok: false, problem: 'is empty; name labels such as "site=berlin", or "*" for every node' };
  if (trimmed === "*") return { ok: true, selector: [] };
  const selector: Requirement[] = [];
  for (const part of splitOutsideParentheses(trimmed)) {
    const requirement = parseRequirement(part.trim());
    if (typeof requirement === "string") return { ok: false, problem: requirement };
    selector.push(requirement);
  }
  return { ok: true, selector };
}

export function selects(selector: Selector, labels: Labels): boolean {
  return selector.every((requirement) => meets(requirement, labels));
}

function meets(requirement: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case "in":
      return value !== undefined && requirement.values.includes(value);
    case "notin":
      return value === undefined || !requirement.values.includes(value);
    case "exists":
      return value !== undefined;
    case "absent":
      return value === undefined;
  }
}

function parseRequirement(text: string): Requirement | string {
  if (text === "") return "has an empty requirement between two commas; remove one comma";
  const set = setRequirement.exec(text);
  if (set)
    return requirementOf(
      set[2] as "in" | "notin",
      set[1]!,
      set[3]!.split(",").map((value) => value.trim()),
    );
  const equal = equality.exec(text);
  if (equal) return requirementOf(equal[2] === "!=" ? "notin" : "in", equal[1]!, [equal[3]!]);
  const absent = text.startsWith("!");
  const key = absent ? text.slice(1).trim() : text;
  return labelKeyProblem(key) ?? { operator: absent ? "absent" : "exists", key };
}

function requirementOf(operator: "in" | "notin", key: string, values: readonly string[]): Requirement | string {
  const problem = labelKeyProblem(key) ?? values.map(labelValueProblem).find((found) => found !== undefined);
  return problem ?? { operator, key, values };
}

function splitOutsideParentheses(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (char === "," && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
