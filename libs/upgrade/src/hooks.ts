/**
 * The programs of a host's owner around an upgrade, in this order. `pre-drain`, `drain` and `pre-reboot` run, and end, before the point of no return is asked for:
 * a red one calls the attempt off. `post-update` runs when the attempt is over, whatever came of it, if any of the others was begun: it makes the host useful again.
 */
export const hookKinds = ["pre-drain", "drain", "pre-reboot", "post-update"] as const;
export type HookKind = (typeof hookKinds)[number];

export type HookResult =
  | { readonly ok: true }
  | { readonly ok: false; /** Which program, and the end of what it printed. */ readonly reason: string };
