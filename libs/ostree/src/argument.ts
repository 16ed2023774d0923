import { OstreeError } from "./ostree-error.ts";

const form = /^[0-9a-f]{64}$/;

/** Whether `text` is an ostree checksum: 64 lower case hexadecimal digits. */
export const isChecksum = (text: string): boolean => form.test(text);

/** Returns `text` when it is a checksum. Anything else could be taken for an option or a path by the command it is given to. @throws OstreeError bad-input */
export function requireChecksum(text: string, phase: string): string {
  if (isChecksum(text)) return text;
  throw new OstreeError({
    code: "bad-input",
    phase,
    subject: JSON.stringify(text.slice(0, 100)),
    reason: "checksum: not 64 lower case hexadecimal digits",
    remedy: "Give the full checksum of the commit.",
  });
}

/** Returns `text` when it is a ref or a `remote:ref` that a command cannot mistake for an option. @throws OstreeError bad-input */
export function requireRef(text: string, phase: string): string {
  if (/^(?:[\w][\w.-]*:)?[\w][\w.+-]*(?:\/[\w.+-]+)*$/.test(text) && !/(?:^|[/:])\.\.?(?:\/|$)/.test(text)) return text;
  throw new OstreeError({
    code: "bad-input",
    phase,
    subject: JSON.stringify(text.slice(0, 100)),
    reason: "ref: may hold letters, digits and ._-+ in parts divided by /, with an optional `remote:` in front",
    remedy: "Give the ref as `ostree refs --list` shows it.",
  });
}

/** Returns `text` when it can be the name of a remote or of an operating system. @throws OstreeError bad-input */
export function requireName(text: string, field: "remote" | "osname", phase: string): string {
  if (/^\w[\w.-]*$/.test(text)) return text;
  throw new OstreeError({
    code: "bad-input",
    phase,
    subject: JSON.stringify(text.slice(0, 100)),
    reason: `${field}: may hold letters, digits and ._- and begins with a letter or digit`,
    remedy: "Choose another name.",
  });
}

/** The path of an object inside a repository, for example `objects/ab/cd….commit`. */
export const objectPath = (checksum: string, suffix: string): string => `objects/${checksum.slice(0, 2)}/${checksum.slice(2)}.${suffix}`;
