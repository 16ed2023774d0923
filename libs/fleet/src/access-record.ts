import type { Instant } from "./identity.ts";
import type { Scope } from "./scope.ts";

/** A role in a scope: what somebody may do, and where. */
export interface Grant {
  readonly role: string;
  readonly scope: Scope;
}

/** Who may do what, as words: `*` for every verb or resource there is. */
export interface RoleRule {
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
}

/** A role of the fleet's own, beside those that are built in. */
export interface RoleRecord {
  readonly name: string;
  readonly rules: readonly RoleRule[];
  readonly createdAt: Instant;
}

/** Gives a role in a scope to everybody whom a subject names: `oidc:ISSUER:SUBJECT`, `group:ISSUER:NAME` or `cert:NAME`. */
export interface BindingRecord extends Grant {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly createdAt: Instant;
}

/** A named secret of a program or a person, stored hashed. */
export interface ApiTokenRecord {
  readonly name: string;
  /** SHA-256 of the secret (hex). The secret itself is never stored. */
  readonly secretHash: string;
  readonly grants: readonly Grant[];
  readonly createdAt: Instant;
  /** Absent only for the first administrator's, which the server itself makes. */
  readonly expiresAt?: Instant;
  readonly revokedAt?: Instant;
  /** The principals behind it: who made it, and who stood behind that. None of them approves what it began, nor it what they began. */
  readonly owners: readonly string[];
}

/** Whose nodes, rollouts and rights are apart from everybody else's. */
export interface TenantRecord {
  readonly name: string;
  readonly createdAt: Instant;
}

/** Nodes that are managed alike. Its tenant, if it has one, is theirs. */
export interface PoolRecord {
  readonly name: string;
  readonly tenant?: string;
  readonly createdAt: Instant;
}
