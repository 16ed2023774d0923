import type { Grant, Persons } from "@treeline/fleet";

/** Who calls: known by a token, an identity provider's signature or a certificate. */
export interface Principal {
  /** `token:NAME`, `oidc:ISSUER:SUBJECT` or `cert:NAME`: the actor in the audit, unique for ever. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** `group:ISSUER:NAME`, as its identity provider says. */
  readonly groups: readonly string[];
  /** What it carries itself, beside what bindings give it. */
  readonly grants: readonly Grant[];
  /** Everybody behind it, itself included: two principals with one of these in common are one person. */
  readonly persons: Persons;
}

const subjectForm = /^(?:oidc:[a-z0-9-]{1,63}:[^\s:][^\s]{0,254}|group:[a-z0-9-]{1,63}:\S{1,255}|cert:[^\s/]{1,255})$/;

/** Subjects as bindings name them. Returns what is wrong, or undefined. */
export function subjectProblem(subject: string): string | undefined {
  if (subjectForm.test(subject)) return undefined;
  return `"${subject.slice(0, 80)}" is no subject: write oidc:ISSUER:SUBJECT, group:ISSUER:GROUP or cert:NAME, as \`treeline whoami\` shows them`;
}
