import type { z } from "zod";
import { ConfigurationError, type ConfigurationProblem, type Origin } from "./configuration-error.ts";
import { type ConfigurationFile, readConfigurationFile, type Settings, yamlValue } from "./configuration-file.ts";
import { nearestName } from "./nearest-name.ts";
import { knownKeys, type Setting, settingsOf } from "./setting.ts";

export interface ConfigurationSources<S extends z.ZodType> {
  /** A message of its own is best written as `is not an X: do this`. Nested `z.strictObject`s. A section whose settings all have defaults needs `.prefault({})` to be left out as a whole. */
  readonly schema: S;
  /** `mustExist` for a file that somebody asked for; the default path may be absent. */
  readonly file?: { readonly path: string; readonly mustExist: boolean };
  /** `process.env`. An empty variable counts as unset. Lists are separated by commas. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By flag name without the dashes (`listen-front`), as `parseCommandLine` gives them; every one must be a setting. */
  readonly flags: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** The program, for messages. */
  readonly name: string;
}

export interface Configuration<T> {
  readonly value: T;
  /** Where each setting that somebody gave came from, by path: `listen.front`. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Variables beginning with TREELINE_ that are no setting of this program: probably meant for another one, or mistyped. */
  readonly warnings: readonly ConfigurationProblem[];
}

/**
 * Loads a program's configuration. A flag wins over the environment, the environment over the file, the file over the default; lists
 * are replaced, not joined.
 * @throws ConfigurationError with every problem found, each with field, place, reason and remedy
 * @throws Error for a mistake in the program: see `settingsOf`, or a flag that is no setting
 */
export async function loadConfiguration<S extends z.ZodType>(sources: ConfigurationSources<S>): Promise<Configuration<z.output<S>>> {
  const { schema, name, environment, flags } = sources;
  const settings = settingsOf(schema);
  const file = await fileOf(sources);
  const merged: Settings = file?.value ?? {};
  const overrides = [...fromEnvironment(settings, environment), ...fromFlags(settings, flags)];
  const origins = new Map<string, Origin>();
  for (const { path } of settings) {
    if (file !== undefined && valueAt(merged, path) !== undefined) origins.set(path.join("."), file.originOf(path));
  }
  for (const { setting, value, origin } of overrides) {
    if (put(merged, setting.path, value)) origins.set(setting.path.join("."), origin);
  }
  const result = schema.safeParse(merged);
  if (result.success) return { value: result.data, origins, warnings: strangers(settings, environment) };
  const place: Place = { schema, settings, merged, origins, file };
  throw new ConfigurationError(
    name,
    result.error.issues.flatMap((issue) => problemsOf(issue, place)),
  );
}

async function fileOf<S extends z.ZodType>({ file, name }: ConfigurationSources<S>): Promise<ConfigurationFile | undefined> {
  if (file === undefined) return undefined;
  const read = await readConfigurationFile(file.path);
  if (read.kind === "read") return read.file;
  if (read.kind === "problems") throw new ConfigurationError(name, read.problems, read.cause);
  if (!file.mustExist) return undefined;
  throw new ConfigurationError(name, [
    { path: "", origin: { kind: "file", file: file.path }, reason: "there is no such file", remedy: "create it or name another" },
  ]);
}

interface Override {
  readonly setting: Setting;
  readonly value: unknown;
  readonly origin: Origin;
}

function fromEnvironment(settings: readonly Setting[], environment: ConfigurationSources<z.ZodType>["environment"]): readonly Override[] {
  return settings.flatMap((setting) => {
    const text = environment[setting.variable];
    if (text === undefined || text === "") return [];
    return [{ setting, value: valueOf(setting, text), origin: { kind: "environment", variable: setting.variable } as const }];
  });
}

function fromFlags(settings: readonly Setting[], flags: ConfigurationSources<z.ZodType>["flags"]): readonly Override[] {
  return Object.entries(flags).flatMap(([flag, given]) => {
    if (given === undefined) return [];
    const setting = settings.find((candidate) => candidate.flag === flag);
    if (setting === undefined)
      throw new Error(`the flag --${flag} is no setting: take it out of the flags before loading the configuration`);
    return [{ setting, value: typeof given === "string" ? valueOf(setting, given) : given, origin: { kind: "flag", flag } as const }];
  });
}

/** Text that does not fit stays text: the schema then says what it expected, in the same words as for the file. */
function valueOf({ kind }: Setting, text: string): unknown {
  switch (kind) {
    case "string":
      return text;
    case "number":
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "list":
      return text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
    case "document":
      return (yamlValue(text) ?? { value: text }).value;
  }
}

/** False when the file has something else than a section on the way: the schema will complain about that. */
function put(target: Settings, path: readonly string[], value: unknown): boolean {
  let at = target;
  for (const key of path.slice(0, -1)) {
    const next = Object.hasOwn(at, key) ? (at[key] ?? {}) : {};
    if (typeof next !== "object" || Array.isArray(next)) return false;
    at[key] = next;
    at = next as Settings;
  }
  at[path.at(-1) ?? ""] = value;
  return true;
}

function valueAt(target: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null && Object.hasOwn(at, key) ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    target,
  );
}

function strangers(
  settings: readonly Setting[],
  environment: ConfigurationSources<z.ZodType>["environment"],
): readonly ConfigurationProblem[] {
  const known = settings.map((setting) => setting.variable);
  return Object.keys(environment)
    .filter((variable) => variable.startsWith("TREELINE_") && !known.includes(variable))
    .map((variable) => {
      const nearest = nearestName(variable, known);
      const remedy = nearest === undefined ? "unset it if it is not meant for another program" : `did you mean ${nearest}?`;
      return { path: "", origin: { kind: "environment", variable }, reason: "no setting of this program", remedy };
    });
}

interface Place {
  readonly schema: z.ZodType;
  readonly settings: readonly Setting[];
  readonly merged: Settings;
  readonly origins: ReadonlyMap<string, Origin>;
  readonly file: ConfigurationFile | undefined;
}

function problemsOf(issue: z.core.$ZodIssue, place: Place): readonly ConfigurationProblem[] {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(place.schema, issue.path);
    return issue.keys.map((key) => {
      const nearest = nearestName(key, known);
      const remedy = nearest === undefined ? `remove it; known here: ${known.join(", ")}` : `did you mean ${JSON.stringify(nearest)}?`;
      return {
        path: [...issue.path, key].map(String).join("."),
        origin: originOf([...issue.path, key], place),
        reason: "unknown key",
        remedy,
      };
    });
  }
  const origin = originOf(issue.path, place);
  if (issue.code === "invalid_type" && valueAt(place.merged, issue.path) === undefined) {
    const setting = place.settings.find((candidate) => candidate.path.join(".") === path);
    const elsewhere = setting === undefined ? "" : `, as ${setting.variable} or as --${setting.flag}`;
    return [{ path, origin, reason: "is missing", remedy: `set it in the file${elsewhere}` }];
  }
  return [{ path, origin, reason: issue.message, remedy: remedyFor(issue), ...ownWords(issue.message) }];
}

/** A message of the program's own schema, which begins with "is", may bring the remedy behind a colon. */
function ownWords(message: string): { readonly reason: string; readonly remedy: string } | undefined {
  const [, reason, remedy] = /^(is [^:]*): ([^]+)$/.exec(message) ?? [];
  return reason === undefined || remedy === undefined ? undefined : { reason, remedy };
}

/** The place of the innermost setting or section around a value. */
function originOf(path: readonly PropertyKey[], { origins, file }: Place): Origin {
  for (let length = path.length; length > 0; length--) {
    const origin = origins.get(path.slice(0, length).map(String).join("."));
    if (origin !== undefined && origin.kind !== "file") return origin;
  }
  return file?.originOf(path) ?? { kind: "default" };
}

function remedyFor(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `give a value of type ${issue.expected}`;
    case "invalid_value":
      return `give one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `give at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `give at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "invalid_format":
      return issue.format === "url" ? "write it with its scheme, such as https://HOST:PORT/PATH" : "correct the value";
    default:
      return "correct the value";
  }
}

/** What the limits of a value count. */
function unitOf(origin: string): string {
  return origin === "string" ? " characters" : origin === "array" || origin === "record" ? " entries" : "";
}
