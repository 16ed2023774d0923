import { parseDuration } from "./duration.ts";
import type { Wrong } from "./check-field.ts";

export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the fields of one part of a parsed YAML or JSON document. Each method returns undefined for a field that is absent, and also, after
 * noting what is wrong, for one that it cannot read: what was read counts only when nothing was noted. `null` is not absent: `waves:` with
 * nothing behind it is half a thought.
 */
export class DocumentFields {
  readonly #fields: Fields;
  /** "" or with a dot at its end: "spec." */
  readonly #prefix: string;
  readonly #wrong: Wrong;

  private constructor(fields: Fields, prefix: string, wrong: Wrong) {
    this.#fields = fields;
    this.#prefix = prefix;
    this.#wrong = wrong;
  }

  /** A document as a whole. Fields that are not known are refused: a typing mistake must not widen a rollout. */
  static of(value: Fields, known: readonly string[], wrong: Wrong): DocumentFields {
    return DocumentFields.#checked(value, "", known, wrong);
  }

  static #checked(fields: Fields, prefix: string, known: readonly string[], wrong: Wrong): DocumentFields {
    for (const key of Object.keys(fields))
      if (!known.includes(key)) wrong(`${prefix}${key}`, `is not a field here; known are ${known.join(", ")}`);
    return new DocumentFields(fields, prefix, wrong);
  }

  has(key: string): boolean {
    return this.#fields[key] !== undefined;
  }

  value(key: string): unknown {
    return this.#fields[key];
  }

  text(key: string): string | undefined {
    const value = this.#fields[key];
    if (value === undefined || typeof value === "string") return value;
    // 2.0 would silently become "2": YAML has lost the text by now.
    return typeof value === "number"
      ? this.#refuse(key, `is the number ${value}; put it in quotes, such as "${value}"`)
      : this.#refuse(key, `is ${show(value)}, not text`);
  }

  requiredText(key: string): string {
    if (!this.has(key)) this.#refuse(key, "is missing");
    return this.text(key) ?? "";
  }

  flag(key: string): boolean | undefined {
    const value = this.#fields[key];
    if (value === undefined || typeof value === "boolean") return value;
    return this.#refuse(key, `is ${show(value)}; write true or false`);
  }

  number(key: string): number | undefined {
    return this.#number(key, this.#fields[key]);
  }

  /** A number of percent: `20` and `20%` say the same. */
  percent(key: string): number | undefined {
    const value = this.#fields[key];
    return this.#number(key, typeof value === "string" ? value.replace(/%$/, "") : value);
  }

  /** "2" or "10%", as text; a plain number is a count. */
  amount(key: string): string | undefined {
    const value = this.#fields[key];
    return typeof value === "number" ? String(value) : this.text(key);
  }

  /** `2%` or `0.02`, as a fraction. A number above 1 could mean either, so it is refused. */
  fraction(key: string): number | undefined {
    const value = this.#fields[key];
    const written = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value.trim()) : null;
    // The exponent, not a division: 0.07% is to be the same number as 0.0007.
    if (written) return Number(`${written[1]}e-2`);
    const number = this.#number(key, value);
    return number !== undefined && number > 1 ? this.#refuse(key, `is ${number}; write a percentage such as "${number}%"`) : number;
  }

  /** In milliseconds. */
  duration(key: string): number | undefined {
    const value = this.#fields[key];
    if (value === undefined) return undefined;
    const millis = typeof value === "string" || value === 0 ? parseDuration(String(value)) : undefined;
    return millis ?? this.#refuse(key, `is ${show(value)}; write a duration such as "30s" or "10m"`);
  }

  /** `10MB`, `10MiB` or a plain number, in bytes. */
  bytes(key: string): number | undefined {
    const value = this.#fields[key];
    if (value === undefined) return undefined;
    const written = typeof value === "string" ? /^(\d{1,12}(?:\.\d{1,3})?)\s*([kKMG]i?)?B?$/.exec(value.trim()) : null;
    if (written) return Math.round(Number(written[1]) * byteUnits[(written[2] ?? "") as keyof typeof byteUnits]);
    if (typeof value === "number") return this.#number(key, value);
    return this.#refuse(key, `is ${show(value)}; write bytes such as 10MB, 10MiB or 10000000`);
  }

  texts(key: string): readonly string[] | undefined {
    const list = this.#list(key, "names");
    return list?.flatMap((entry, index) => {
      if (typeof entry === "string") return [entry];
      const remedy = typeof entry === "number" ? `; put it in quotes, such as "${entry}"` : "";
      this.#wrong(`${this.#prefix}${key}[${index}]`, `is ${show(entry)}, not text${remedy}`);
      return [];
    });
  }

  /** A part with fields of its own. */
  part(key: string, known: readonly string[]): DocumentFields | undefined {
    const value = this.#fields[key];
    if (value === undefined) return undefined;
    if (isFields(value)) return DocumentFields.#checked(value, `${this.#prefix}${key}.`, known, this.#wrong);
    return this.#refuse(key, `is ${show(value)}; write fields under it: ${known.join(", ")}`);
  }

  /** A list of parts. An empty one is refused: it would get the default as if it was absent. */
  parts(key: string, known: readonly string[]): readonly DocumentFields[] | undefined {
    const list = this.#list(key, "entries");
    if (list?.length === 0) return this.#refuse(key, "is an empty list; write at least one entry, or leave it out");
    return list?.flatMap((entry, index) => {
      const field = `${this.#prefix}${key}[${index}]`;
      if (isFields(entry)) return [DocumentFields.#checked(entry, `${field}.`, known, this.#wrong)];
      this.#wrong(field, `is ${show(entry)}; write fields under it: ${known.join(", ")}`);
      return [];
    });
  }

  /** Notes that the part itself (without a key) or one of its fields is wrong. */
  refuse(description: string, key?: string): undefined {
    this.#wrong(key === undefined ? this.#prefix.slice(0, -1) : `${this.#prefix}${key}`, description);
    return undefined;
  }

  #refuse(key: string, description: string): undefined {
    return this.refuse(description, key);
  }

  #number(key: string, value: unknown): number | undefined {
    if (value === undefined) return undefined;
    const number = typeof value === "string" && /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : value;
    return typeof number === "number" && Number.isFinite(number)
      ? number
      : this.#refuse(key, `is ${show(this.#fields[key])}, not a number`);
  }

  #list(key: string, of: string): readonly unknown[] | undefined {
    const value = this.#fields[key];
    if (value === undefined || Array.isArray(value)) return value;
    return this.#refuse(key, `is ${show(value)}, not a list of ${of}`);
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as a message shows it; what aliases have made endless, too. */
export function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  if (isFields(value)) return "a set of fields";
  return typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : String(value).slice(0, 80);
}

const byteUnits = { "": 1, k: 1e3, K: 1e3, Ki: 2 ** 10, ki: 2 ** 10, M: 1e6, Mi: 2 ** 20, G: 1e9, Gi: 2 ** 30 } as const;
