import type { Wrong } from "./check-field.ts";
import { DocumentFields, isFields, show } from "./document-fields.ts";
import { rolloutFields, readRolloutSpec } from "./document-rollout.ts";
import type { FieldViolation } from "./policy.ts";
import type { BudgetDraft, PolicyDraft } from "./policy-draft.ts";

/** A `kind: Rollout` document, read but not yet checked as a policy. */
export interface RolloutDocument {
  readonly name: string;
  readonly policy: PolicyDraft;
}

/** A document that was read but not yet checked: `checkPolicy` and `checkBudget` do that. */
export type ReadDocument<Document = RolloutDocument> =
  | { readonly ok: true; readonly document: Document }
  | { readonly ok: false; readonly violations: readonly FieldViolation[] };

export const documentKinds = ["Rollout", "Budget"] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** Which reader a document asks for; undefined when there is none for it. */
export function documentKind(value: unknown): DocumentKind | undefined {
  return isFields(value) ? documentKinds.find((kind) => kind === value["kind"]) : undefined;
}

/** Reads a parsed YAML or JSON value as a rollout. Fields it does not know are refused: a typing mistake must not widen a rollout. */
export function readRolloutDocument(value: unknown): ReadDocument {
  return readDocument(value, "Rollout", rolloutFields, (name, spec) => ({ name, policy: readRolloutSpec(spec) }));
}

/** Reads a parsed YAML or JSON value as a budget of the fleet. */
export function readBudgetDocument(value: unknown): ReadDocument<BudgetDraft> {
  return readDocument(value, "Budget", ["selector", "per", "maxUnavailable", "minAvailable"], (name, spec) => ({
    name,
    selector: spec.text("selector"),
    per: spec.text("per"),
    maxUnavailable: spec.amount("maxUnavailable"),
    minAvailable: spec.amount("minAvailable"),
  }));
}

function readDocument<Document>(
  value: unknown,
  kind: DocumentKind,
  known: readonly string[],
  read: (name: string, spec: DocumentFields) => Document,
): ReadDocument<Document> {
  if (!isFields(value))
    return { ok: false, violations: [{ field: "", description: "is not a document with apiVersion, kind, metadata and spec" }] };
  const violations: FieldViolation[] = [];
  const wrong: Wrong = (field, description) => void violations.push({ field, description });
  const whole = DocumentFields.of(value, ["apiVersion", "kind", "metadata", "spec"], wrong);
  if (value["apiVersion"] !== "treeline/v1") wrong("apiVersion", `is ${show(value["apiVersion"])}; write treeline/v1`);
  if (value["kind"] !== kind)
    wrong(
      "kind",
      `is ${show(value["kind"])}; ${documentKind(value) === undefined ? `known are ${documentKinds.join(", ")}` : `a ${kind} belongs here`}`,
    );
  if (!whole.has("metadata")) wrong("metadata.name", "is missing");
  const name = whole.part("metadata", ["name"])?.requiredText("name") ?? "";
  if (!whole.has("spec")) wrong("spec", "is missing");
  const spec = whole.part("spec", known);
  const document = spec === undefined ? undefined : read(name, spec);
  return document === undefined || violations.length > 0 ? { ok: false, violations } : { ok: true, document };
}
