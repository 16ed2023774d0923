/** Every verb that a method may ask for, by resource. A method whose annotation in the proto names another pair fails the build. */
export const verbsByResource = {
  "api-tokens": ["create", "list", "revoke"],
  audit: ["export", "list"],
  authorities: ["list", "rotate"],
  bindings: ["list", "put", "remove"],
  budgets: ["list", "put", "remove"],
  "enrollment-tokens": ["create", "list", "revoke"],
  "key-rotations": ["list", "publish"],
  metrics: ["read"],
  nodes: ["approve", "assign", "clear", "get", "label", "list", "replace", "revoke", "write-off"],
  pools: ["list", "put", "remove"],
  releases: ["get", "list", "publish"],
  roles: ["list", "put", "remove"],
  rollouts: ["approve", "control", "create", "get", "list", "plan", "watch"],
  stops: ["lift", "list", "pull"],
  tenants: ["list", "put", "remove"],
} as const;

export type Resource = keyof typeof verbsByResource;

/** A verb of a resource. */
export type Permission = {
  readonly [R in Resource]: { readonly resource: R; readonly verb: (typeof verbsByResource)[R][number] };
}[Resource];

/** Who may call a method or a route. */
export type AccessRule =
  /** The request itself carries its proof; there is nothing to know of who calls. */
  | { readonly to: "anybody" }
  /** A node, by its certificate. */
  | { readonly to: "node" }
  /** Any principal that is known, whatever it may do. */
  | { readonly to: "signed-in" }
  /** Whoever holds a role that allows it. */
  | (Permission & {
      readonly to: "permitted";
      /** What it touches belongs to no tenant and no pool: only a role over the whole fleet counts. */
      readonly fleetOnly: boolean;
    });

export type PermittedRule = Extract<AccessRule, { to: "permitted" }>;

/** All there are. */
export const permissions: readonly Permission[] = Object.entries(verbsByResource).flatMap(([resource, verbs]) =>
  verbs.map((verb) => ({ resource, verb }) as Permission),
);
