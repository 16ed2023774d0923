import { builtInRoles, createApiToken, grantsOf, putBinding, putRole, removeBinding, removeRole, revokeApiToken, type Carried, type Role } from "@treeline/access";
import type { ApiTokenRecord, BindingRecord, Instant, RoleRule } from "@treeline/fleet";
import { hashSecret, newSecret } from "@treeline/pki";
import type { Fleet } from "@treeline/control";
import type { wire } from "@treeline/rpc";
import type { Caller } from "../access/caller.ts";
import type { SecretIndex } from "../secret-index.ts";
import { carryOut } from "./operator-command.ts";
import { compareText } from "./page.ts";

const usualTtlSeconds = 30 * 24 * 3600;

export interface AccessOptions {
  readonly fleet: Fleet;
  readonly secrets: SecretIndex;
  readonly now: () => number;
}

/** AccessService: roles, bindings and API tokens. The commands are pure functions of `@treeline/access`. */
export class Access {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  whoAmI({ principal }: Caller): wire.WhoAmIResponse {
    const { directory } = this.#options.secrets;
    const { id, name, groups } = principal;
    const expiresAt = id.startsWith("token:") ? directory.apiTokens.get(name)?.expiresAt : undefined;
    const grants = grantsOf(directory, principal).map(({ role, scope }) => ({ role, scope }));
    return { id, name, groups: [...groups], grants, ...(expiresAt === undefined ? {} : { expiresAtMillis: String(expiresAt) }) };
  }

  async listRoles(): Promise<wire.ListRolesResponse> {
    const own = await this.#durably(() => byName(this.#options.secrets.directory.roles));
    return { roles: [...builtInRoles, ...own].map(roleView) };
  }

  async putRole({ name, rules }: wire.PutRoleRequest__Output, caller: Caller): Promise<wire.PutRoleResponse> {
    const said: readonly RoleRule[] = rules.map(({ resources, verbs }) => ({ resources, verbs }));
    const { role } = await this.#carryOut(caller, { action: "put-role", subject: `role ${name}`, because: rulesText(said) }, (at) =>
      putRole(this.#options.secrets.directory, { name, rules: said }, caller.principal, at),
    );
    return { role: roleView(role) };
  }

  async removeRole({ name }: wire.RemoveRoleRequest__Output, caller: Caller): Promise<wire.RemoveRoleResponse> {
    await this.#carryOut(caller, { action: "remove-role", subject: `role ${name}`, because: "" }, () => removeRole(this.#options.secrets.directory, name));
    return {};
  }

  async listBindings(): Promise<wire.ListBindingsResponse> {
    const bindings = await this.#durably(() => byName(this.#options.secrets.directory.bindings));
    return { bindings: bindings.map(bindingView) };
  }

  async putBinding(request: wire.PutBindingRequest__Output, caller: Caller): Promise<wire.PutBindingResponse> {
    const { name = "", role = "", scope = "", subjects = [] } = request.binding ?? {};
    const because = `${role} in ${scope} for ${subjects.join(", ")}`.slice(0, 500);
    const { binding } = await this.#carryOut(caller, { action: "put-binding", subject: `binding ${name}`, because }, (at) =>
      putBinding(this.#options.secrets.directory, { name, role, scope, subjects }, caller.principal, at),
    );
    return { binding: bindingView(binding) };
  }

  async removeBinding({ name }: wire.RemoveBindingRequest__Output, caller: Caller): Promise<wire.RemoveBindingResponse> {
    await this.#carryOut(caller, { action: "remove-binding", subject: `binding ${name}`, because: "" }, () => removeBinding(this.#options.secrets.directory, name));
    return {};
  }

  async listApiTokens(): Promise<wire.ListApiTokensResponse> {
    const tokens = await this.#durably(() => byName(this.#options.secrets.directory.apiTokens));
    return { tokens: tokens.map(apiTokenView) };
  }

  async createApiToken(request: wire.CreateApiTokenRequest__Output, caller: Caller): Promise<wire.CreateApiTokenResponse> {
    const { name, grants, person } = request;
    const secret = `tlo_${newSecret()}`;
    const ttlMillis = (request.ttlSeconds === 0 ? usualTtlSeconds : request.ttlSeconds) * 1000;
    const draft = { name, grants, ttlMillis, secretHash: hashSecret(secret), ...(person === "" ? {} : { person }) };
    const because = `${grants.map(({ role, scope }) => `${role} in ${scope}`).join(", ")}${person === "" ? "" : ` for ${person}`}`.slice(0, 500);
    const { token } = await this.#carryOut(caller, { action: "create-api-token", subject: `api-token ${name}`, because }, (at) =>
      createApiToken(this.#options.secrets.directory, draft, caller.principal, at),
    );
    return { token: apiTokenView(token), secret };
  }

  async revokeApiToken({ name }: wire.RevokeApiTokenRequest__Output, caller: Caller): Promise<wire.RevokeApiTokenResponse> {
    await this.#carryOut(caller, { action: "revoke-api-token", subject: `api-token ${name}`, because: "" }, (at) => revokeApiToken(this.#options.secrets.directory, name, at));
    const token = this.#options.secrets.directory.apiTokens.get(name);
    return token === undefined ? {} : { token: apiTokenView(token) };
  }

  #carryOut<Result extends Carried<object>>(caller: Caller, { action, subject, because }: { action: string; subject: string; because: string }, decide: (at: Instant) => Result) {
    // A name that is none may hold anything, and stands in the entry of nobody: such a command is refused.
    return carryOut<Result>(this.#options, { caller, action, subject: subject.slice(0, 200), reason: because, decide: (_, at) => decide(at) });
  }

  /** Shown once it is durable that it is so. */
  #durably<Result>(read: () => Result): Promise<Result> {
    return this.#options.fleet.transact(() => ({ changes: [], result: read() }));
  }
}

function byName<Value extends { readonly name: string }>(records: ReadonlyMap<string, Value>): readonly Value[] {
  return [...records.values()].sort((a, b) => compareText(a.name, b.name));
}

function roleView({ name, rules }: Role): wire.Role {
  return { name, rules: rules.map(({ resources, verbs }) => ({ resources: [...resources], verbs: [...verbs] })), builtIn: builtInRoles.some((role) => role.name === name) };
}

function bindingView({ name, role, scope, subjects }: BindingRecord): wire.Binding {
  return { name, role, scope, subjects: [...subjects] };
}

function apiTokenView({ name, grants, createdAt, expiresAt, revokedAt, owners }: ApiTokenRecord): wire.ApiToken {
  return {
    ...{ name, createdAtMillis: String(createdAt), owners: [...owners] },
    grants: grants.map(({ role, scope }) => ({ role, scope })),
    ...(expiresAt === undefined ? {} : { expiresAtMillis: String(expiresAt) }),
    ...(revokedAt === undefined ? {} : { revokedAtMillis: String(revokedAt) }),
  };
}

function rulesText(rules: readonly RoleRule[]): string {
  return rules
    .map(({ verbs, resources }) => `${verbs.join(",")} ${resources.join(",")}`)
    .join("; ")
    .slice(0, 500);
}
