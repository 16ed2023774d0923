import { z } from "zod";

/** One setting: a leaf of a configuration schema, with its name in each source. */
export interface Setting {
  /** As in the file: `["listen", "front"]`. */
  readonly path: readonly string[];
  /** `TREELINE_LISTEN_FRONT` */
  readonly variable: string;
  /** `listen-front`, written `--listen-front` */
  readonly flag: string;
  /** How text from the environment or the command line becomes a value. `document`: as YAML. */
  readonly kind: "string" | "number" | "boolean" | "list" | "document";
}

/**
 * The settings of a schema of nested strict objects, in its order. Camel case becomes words: `maxAgeMs` is `TREELINE_MAX_AGE_MS`.
 * @throws Error, a mistake in the program: the schema is no strict object, or two settings would share a name
 */
export function settingsOf(schema: z.core.$ZodType): readonly Setting[] {
  const settings = leaves(schema, []);
  const seen = new Map<string, Setting>();
  for (const setting of settings) {
    const twin = seen.get(setting.variable);
    if (twin !== undefined)
      throw new Error(`settings ${twin.path.join(".")} and ${setting.path.join(".")} would both be ${setting.variable}: rename one`);
    seen.set(setting.variable, setting);
  }
  return settings;
}

/** The keys that an object schema knows at a path; none when there is no object. */
export function knownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: z.core.$ZodType | undefined = bare(schema);
  for (const key of path) {
    if (at instanceof z.core.$ZodObject) at = at._zod.def.shape[String(key)];
    else if (at instanceof z.core.$ZodArray) at = at._zod.def.element;
    else if (at instanceof z.core.$ZodRecord) at = at._zod.def.valueType;
    else return [];
    if (at === undefined) return [];
    at = bare(at);
  }
  return at instanceof z.core.$ZodObject ? Object.keys(at._zod.def.shape) : [];
}

function leaves(schema: z.core.$ZodType, path: readonly string[]): readonly Setting[] {
  const inner = bare(schema);
  if (inner instanceof z.core.$ZodObject) {
    if (!(inner._zod.def.catchall instanceof z.core.$ZodNever)) {
      throw new Error(`the configuration schema at "${path.join(".")}" must be a z.strictObject, or a mistyped key would pass unseen`);
    }
    return Object.entries(inner._zod.def.shape).flatMap(([key, value]) => leaves(value, [...path, key]));
  }
  if (path.length === 0) throw new Error("a configuration schema must be a z.strictObject");
  const words = path.flatMap((key) => key.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").split(/[ _-]/)).map((word) => word.toLowerCase());
  return [{ path, variable: `TREELINE_${words.join("_").toUpperCase()}`, flag: words.join("-"), kind: kindOf(inner) }];
}

function kindOf(schema: z.core.$ZodType): Setting["kind"] {
  if (schema instanceof z.core.$ZodString || schema instanceof z.core.$ZodEnum) return "string";
  if (schema instanceof z.core.$ZodNumber) return "number";
  if (schema instanceof z.core.$ZodBoolean) return "boolean";
  if (schema instanceof z.core.$ZodArray && kindOf(bare(schema._zod.def.element)) === "string") return "list";
  return "document";
}

/** The schema without what only says whether and how a value may be missing. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  for (let at = schema; ; ) {
    if (
      at instanceof z.core.$ZodOptional ||
      at instanceof z.core.$ZodNullable ||
      at instanceof z.core.$ZodDefault ||
      at instanceof z.core.$ZodPrefault ||
      at instanceof z.core.$ZodReadonly ||
      at instanceof z.core.$ZodNonOptional
    ) {
      at = at._zod.def.innerType;
    } else if (at instanceof z.core.$ZodPipe) {
      at = at._zod.def.in;
    } else {
      return at;
    }
  }
}
