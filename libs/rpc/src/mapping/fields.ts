import { status } from "@grpc/grpc-js";
import { RpcError, type FieldViolation } from "../error.ts";

/** Collects what is wrong with a message, so that one answer names it all. */
export class Violations {
  readonly #found: FieldViolation[] = [];

  /** Beyond 16 nobody reads on, and a hostile message must not grow our answer. */
  add(field: string, description: string): void {
    if (this.#found.length < 16) this.#found.push({ field, description });
  }

  throwIfAny(): void {
    const [first] = this.#found;
    if (first === undefined) return;
    const more = this.#found.length > 1 ? ` (and ${this.#found.length - 1} more)` : "";
    throw new RpcError(`${first.field} ${first.description}${more}`, {
      status: status.INVALID_ARGUMENT,
      reason: "MESSAGE_INVALID",
      violations: this.#found,
      subject: first.field,
      remedy: "correct the named fields and send again",
    });
  }
}

/**
 * Reads one message. Returns a value in every case: where a field is wrong it stands empty and `violations` says so,
 * and whoever began the reading throws before anybody sees the value.
 */
export type Read<Value> = (message: unknown, at: string, violations: Violations) => Value;

/** Reads a whole message. Throws RpcError INVALID_ARGUMENT with one violation per wrong field. */
export function readWhole<Value>(message: unknown, name: string, read: Read<Value>): Value {
  const violations = new Violations();
  const value = read(message, name, violations);
  violations.throwIfAny();
  return value;
}

/** The text of a 64-bit integer as a number. Throws RpcError INVALID_ARGUMENT for anything negative, fractional or beyond 2^53-1. */
export function safeInteger(field: string, text: unknown): number {
  const violations = new Violations();
  const value = integerOf(text, field, violations);
  violations.throwIfAny();
  return value;
}

type KeyOf<Message, Value> = { [Key in keyof Message]-?: NonNullable<Message[Key]> extends Value ? Key : never }[keyof Message] & string;

export interface Format {
  readonly pattern: RegExp;
  /** Completes "must be …". */
  readonly form: string;
}

/** The fields of one message from outside. The type parameter checks the names; the values are believed only after a look. */
export class Fields<Message extends object> {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #at: string;
  readonly #violations: Violations;

  constructor(message: unknown, at: string, violations: Violations) {
    const isMessage = typeof message === "object" && message !== null && !Array.isArray(message);
    if (!isMessage) violations.add(at, "must be a message");
    this.#values = isMessage ? (message as Record<string, unknown>) : {};
    this.#at = at;
    this.#violations = violations;
  }

  /** At most `max` UTF-16 units; may be empty. */
  text(key: KeyOf<Message, string>, max: number): string {
    const value = this.#values[key];
    if (typeof value !== "string") return this.wrong(key, "must be text", "");
    if (value.length > max) return this.wrong(key, `has ${value.length} characters; at most ${max} are allowed`, "");
    return value;
  }

  /** Text of a fixed form. */
  formed(key: KeyOf<Message, string>, format: Format): string {
    const value = this.#values[key];
    return typeof value === "string" && format.pattern.test(value) ? value : this.wrong(key, `must be ${format.form}`, "");
  }

  /** The same where empty means absent, as proto3 has it. */
  formedOrAbsent(key: KeyOf<Message, string>, format: Format): string | undefined {
    return this.#values[key] === "" ? undefined : this.formed(key, format);
  }

  textOrAbsent(key: KeyOf<Message, string>, max: number): string | undefined {
    return this.text(key, max) || undefined;
  }

  /** One of the names of a table; its first where the field is wrong. */
  named<Value>(key: KeyOf<Message, string>, names: ReadonlyMap<unknown, Value>): Value {
    return this.namedIfKnown(key, names) ?? (names.values().next().value as Value);
  }

  /** The same for a field that decides how to read on: undefined where it is wrong. */
  namedIfKnown<Value>(key: KeyOf<Message, string>, names: ReadonlyMap<unknown, Value>): Value | undefined {
    return names.get(this.#values[key]) ?? this.wrong(key, `must be one of ${[...names.keys()].join(", ")}`, undefined);
  }

  flag(key: KeyOf<Message, boolean>): boolean {
    const value = this.#values[key];
    return typeof value === "boolean" ? value : this.wrong(key, "must be true or false", false);
  }

  /** A 64-bit field, text on the wire. */
  integer(key: KeyOf<Message, string>): number {
    return integerOf(this.#values[key], this.path(key), this.#violations);
  }

  /** A 32-bit field. */
  count(key: KeyOf<Message, number>): number {
    const value = this.#values[key];
    const isCount = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= maxUint32;
    return isCount ? value : this.wrong(key, `must be a whole number from 0 to ${maxUint32}`, 0);
  }

  message<Value>(key: KeyOf<Message, object>, read: Read<Value>): Value {
    const value = this.optional(key, read);
    if (value !== undefined) return value;
    this.wrong(key, "is missing", undefined);
    return read({}, key, new Violations());
  }

  optional<Value>(key: KeyOf<Message, object>, read: Read<Value>): Value | undefined {
    const value = this.#values[key];
    return value === undefined || value === null ? undefined : read(value, this.path(key), this.#violations);
  }

  /** A list longer than `max` is refused unread. */
  list<Value>(key: KeyOf<Message, readonly unknown[]>, max: number, read: Read<Value>): readonly Value[] {
    const value = this.#values[key];
    if (!Array.isArray(value)) return this.wrong(key, "must be a list", []);
    if (value.length > max) return this.wrong(key, `has ${value.length} entries; at most ${max} are allowed`, []);
    return Array.from(value, (item: unknown, index) => read(item, `${this.path(key)}[${index}]`, this.#violations));
  }

  /** A map from names of a fixed form to 64-bit numbers. One with more than `max` entries is refused unread. */
  integersByName(key: KeyOf<Message, object>, max: number, format: Format): Readonly<Record<string, number>> {
    const value = this.#values[key];
    if (typeof value !== "object" || value === null || Array.isArray(value)) return this.wrong(key, "must be a map", {});
    const entries = Object.entries(value);
    if (entries.length > max) return this.wrong(key, `has ${entries.length} entries; at most ${max} are allowed`, {});
    const misnamed = entries.find(([name]) => !format.pattern.test(name));
    if (misnamed !== undefined) return this.wrong(key, `has an entry whose name must be ${format.form}`, {});
    return Object.fromEntries(entries.map(([name, amount]) => [name, integerOf(amount, `${this.path(key)}[${name}]`, this.#violations)]));
  }

  path(key: string): string {
    return `${this.#at}.${key}`;
  }

  wrong<Value>(key: string, description: string, instead: Value): Value {
    this.#violations.add(this.path(key), description);
    return instead;
  }
}

/** Reads a list's text entries. */
export function readText(max: number): Read<string> {
  return (value, at, violations) => {
    if (typeof value === "string" && value.length <= max) return value;
    violations.add(at, `must be text of at most ${max} characters`);
    return "";
  };
}

const maxUint32 = 0xffff_ffff;

function integerOf(text: unknown, field: string, violations: Violations): number {
  const value = typeof text === "string" && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  violations.add(field, `must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  return 0;
}

/** A domain number for a 64-bit field. Throws RpcError INTERNAL when it is not a whole number from 0 to 2^53-1: that is a defect of ours. */
export function integerText(field: string, value: number): string {
  return String(representable(field, value, Number.MAX_SAFE_INTEGER));
}

/** The same where 0 means something else on the wire. */
export function positiveIntegerText(field: string, value: number): string {
  return String(representable(field, value, Number.MAX_SAFE_INTEGER, 1));
}

/** The same for a 32-bit field: protobuf would silently send another number. */
export function uint32(field: string, value: number): number {
  return representable(field, value, maxUint32);
}

function representable(field: string, value: number, max: number, min = 0): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value === 0 ? 0 : value;
  throw new RpcError(`${field} is ${value}; only whole numbers from ${min} to ${max} can be sent`, {
    status: status.INTERNAL,
    reason: "NOT_REPRESENTABLE",
    subject: field,
    remedy: "report this as a defect of the sender",
  });
}
