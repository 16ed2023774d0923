import {
  checkBudget,
  checkPolicy,
  documentKind,
  readBudgetDocument,
  readRolloutDocument,
  type BudgetDraft,
  type FieldViolation,
  type RolloutDocument,
} from "@treeline/rollout";
import { isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments, type Document } from "yaml";
import { CliError } from "./cli-error.ts";

/** What one document of a file describes, checked. */
export type FileDocument =
  | { readonly kind: "Rollout"; readonly name: string; readonly rollout: RolloutDocument }
  | { readonly kind: "Budget"; readonly name: string; readonly budget: BudgetDraft };

/**
 * Reads the documents of a YAML (or JSON) text. All of them are checked before any is returned, so that a mistake in the last one stops the first
 * one, too. Violations begin with the place, `FILE:LINE:COLUMN`.
 * @throws CliError document-invalid
 */
export function readDocuments(text: string, file: string): readonly FileDocument[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const documents: readonly Document.Parsed[] = "empty" in parsed ? [] : parsed;
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };

  // A tag that YAML does not know is only a warning to the parser; here it is a value that means something else than was meant.
  const mistakes = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  if (mistakes.length > 0) {
    const violations = mistakes.slice(0, 5).map(({ pos, message }) => ({ field: place(pos[0]), description: message }));
    throw invalid(`${file} is not valid YAML`, file, violations, "correct the line named");
  }

  const violations: FieldViolation[] = [];
  const names = new Map<string, string>();
  const read = documents.flatMap((document): FileDocument[] => {
    // `---` with nothing behind it.
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return [];
    const found = checkedDocument(document, file);
    const at = (field: string): string => place(offsetOf(document, field));
    if (!found.ok) {
      violations.push(...found.violations.map(({ field, description }) => ({ field: `${at(field)} ${field}`.trimEnd(), description })));
      return [];
    }
    const { kind, name } = found.document;
    const before = names.get(`${kind} ${name}`);
    if (before !== undefined)
      violations.push({
        field: `${at("metadata.name")} metadata.name`,
        description: `is the name of the ${kind.toLowerCase()} at ${before}, too`,
      });
    names.set(`${kind} ${name}`, at("metadata.name"));
    return [found.document];
  });
  if (violations.length > 0) throw invalid(`${file} is not valid`, file, violations, "correct the fields named; nothing was sent");
  if (read.length === 0) throw invalid(`${file} holds no document`, file, [], "write a document with apiVersion, kind, metadata and spec");
  return read;
}

type CheckedDocument =
  | { readonly ok: true; readonly document: FileDocument }
  | { readonly ok: false; readonly violations: readonly FieldViolation[] };

function checkedDocument(document: Document.Parsed, file: string): CheckedDocument {
  let value: unknown;
  try {
    value = document.toJS();
  } catch (cause) {
    throw invalid(
      `${file} is not valid YAML: ${cause instanceof Error ? cause.message : String(cause)}`,
      file,
      [],
      "write values out instead of using aliases",
      cause,
    );
  }
  return documentKind(value) === "Budget" ? checkedBudget(value) : checkedRollout(value);
}

/** Also for a document of no kind that is known: the reader says what is missing. */
function checkedRollout(value: unknown): CheckedDocument {
  const found = readRolloutDocument(value);
  if (!found.ok) return found;
  const checked = checkPolicy(found.document.policy);
  return checked.ok
    ? { ok: true, document: { kind: "Rollout", name: found.document.name, rollout: found.document } }
    : { ok: false, violations: checked.violations };
}

function checkedBudget(value: unknown): CheckedDocument {
  const found = readBudgetDocument(value);
  if (!found.ok) return found;
  const checked = checkBudget(found.document);
  return checked.ok
    ? { ok: true, document: { kind: "Budget", name: found.document.name, budget: found.document } }
    : { ok: false, violations: checked.violations };
}

/** Where a field such as `spec.waves[1].count` stands: its key, or the nearest part of its path that is there. */
function offsetOf(document: Document.Parsed, field: string): number {
  const path = [...field.matchAll(/[^.[\]]+/g)].map(([key]) => (/^\d+$/.test(key) ? Number(key) : key));
  let offset = document.contents?.range?.[0] ?? document.range[0];
  let at: unknown = document.contents;
  for (const key of path) {
    const pair = isMap(at) ? at.items.find((item) => (isScalar(item.key) ? item.key.value : item.key) === key) : undefined;
    const next = isSeq(at) && typeof key === "number" ? at.items[key] : pair?.value;
    const mark = pair?.key ?? next;
    if (!isNode(mark) || !mark.range) break;
    offset = mark.range[0];
    at = next;
  }
  return offset;
}

function invalid(message: string, subject: string, violations: readonly FieldViolation[], remedy: string, cause?: unknown): CliError {
  return new CliError(message, { code: "document-invalid", subject, violations, remedy, ...(cause === undefined ? {} : { cause }) });
}
