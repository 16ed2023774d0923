import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { ConfigurationProblem, Origin } from "./configuration-error.ts";
import { errnoOf } from "./errno.ts";
import { readProblem, readRegularFile } from "./regular-file.ts";

/** The largest configuration file that is read, in bytes: 1 MiB. */
export const maxConfigurationBytes = 1_048_576;
/** How many values aliases may stand for. Enough for an anchor or two; far from a "billion laughs" document. */
const maxAliases = 20;

/** With `silent` the parser would let a second document pass. */
const safeYaml = {
  version: "1.2",
  schema: "core",
  resolveKnownTags: false,
  merge: false,
  uniqueKeys: true,
  stringKeys: true,
  strict: true,
  prettyErrors: false,
  logLevel: "error",
} as const;

export type Settings = Record<string, unknown>;

/** A configuration file as data, and where in it a setting stands. */
export interface ConfigurationFile {
  readonly value: Settings;
  /** The position of a key, or of the nearest enclosing one that exists. */
  originOf(path: readonly PropertyKey[]): Origin & { readonly kind: "file" };
}

export type ReadConfigurationFile =
  | { readonly kind: "read"; readonly file: ConfigurationFile }
  | { readonly kind: "absent" }
  | { readonly kind: "problems"; readonly problems: readonly ConfigurationProblem[]; readonly cause?: unknown };

/**
 * Reads a YAML file: one document, a mapping at its top, YAML 1.2 core types only (no custom tags, no merge keys), no key twice.
 * An empty file is an empty mapping.
 */
export async function readConfigurationFile(path: string): Promise<ReadConfigurationFile> {
  const problem = (reason: string, remedy: string, cause?: unknown): ReadConfigurationFile => ({
    kind: "problems",
    problems: [{ path: "", origin: { kind: "file", file: path }, reason, remedy }],
    cause,
  });
  let text: string;
  try {
    const bytes = await readRegularFile(path, maxConfigurationBytes);
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === "ENOENT") return { kind: "absent" };
    if (errno === "ERR_ENCODING_INVALID_ENCODED_DATA") return problem("is not UTF-8 text", "save it as UTF-8");
    const { reason, remedy } = readProblem(cause);
    return problem(reason, remedy, cause);
  }
  return parsedConfiguration(path, text);
}

function parsedConfiguration(path: string, text: string): ReadConfigurationFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { ...safeYaml, lineCounter: lines });
  const originAt = (offset: number | undefined): Origin & { readonly kind: "file" } => {
    if (offset === undefined) return { kind: "file", file: path };
    const { line, col } = lines.linePos(offset);
    return { kind: "file", file: path, line, column: col };
  };
  const problemAt = (offset: number | undefined, reason: string, remedy: string): ConfigurationProblem => ({
    path: "",
    origin: originAt(offset),
    reason,
    remedy,
  });

  const syntax = [...document.errors, ...document.warnings].map(({ code, pos }) => {
    if (code === "DUPLICATE_KEY") return problemAt(pos[0], "the key is there twice", "keep one of them");
    if (code === "TAG_RESOLVE_FAILED") return problemAt(pos[0], "tags are not allowed", "write the plain value");
    if (code === "MULTIPLE_DOCS") return problemAt(pos[0], "there is more than one document", "keep one and remove the --- line");
    // Only the code: the parser's message may quote the text, and with it a secret.
    return problemAt(
      pos[0],
      `not YAML: ${code.toLowerCase().replaceAll("_", " ")}`,
      "correct the syntax; quote a value with special characters",
    );
  });
  if (syntax.length > 0) return { kind: "problems", problems: syntax };
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== "1.2") {
    return { kind: "problems", problems: [problemAt(0, "the %YAML line asks for another version than 1.2", "remove the line")] };
  }
  const top = document.contents;
  if (top === null || (isScalar(top) && top.value === null))
    return { kind: "read", file: { value: {}, originOf: () => originAt(undefined) } };
  if (!isMap(top))
    return { kind: "problems", problems: [problemAt(top.range?.[0], "the top of the file is not a mapping", "write `key: value` lines")] };
  try {
    const value = document.toJS({ maxAliasCount: maxAliases }) as Settings;
    return { kind: "read", file: { value, originOf: (keys) => originAt(offsetOf(top, keys)) } };
  } catch {
    const reason = `an alias has no anchor, or aliases stand for more than ${maxAliases} values`;
    return { kind: "problems", problems: [problemAt(undefined, reason, "write the values out; quote a text that begins with *")] };
  }
}

/** One value written as YAML under the same rules as a file, without aliases; undefined when it breaks them. */
export function yamlValue(text: string): { readonly value: unknown } | undefined {
  const document = parseDocument(text, safeYaml);
  if (document.errors.length + document.warnings.length > 0) return undefined;
  try {
    return { value: document.toJS({ maxAliasCount: 0 }) as unknown };
  } catch {
    return undefined;
  }
}

function offsetOf(top: Node, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = top;
  let offset: number | undefined;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair === undefined || !isNode(pair.key)) break;
      offset = pair.key.range?.[0];
      node = pair.value;
    } else if (isSeq(node) && typeof key === "number") {
      node = node.items[key];
      if (!isNode(node)) break;
      offset = node.range?.[0];
    } else {
      break;
    }
  }
  return offset;
}
