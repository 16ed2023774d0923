import type { Principal, Reach } from "@treeline/access";

/** Who calls, where they may do what they call for, and from where. Handlers get it from the interceptor, and nothing else of the call's identity. */
export interface Caller {
  readonly principal: Principal;
  /** Never empty. */
  readonly reach: Reach;
  /** The address they call from, without the port. */
  readonly from: string;
}

/** The part of an audit entry that says who. */
export function actorOf({ principal, from }: Caller): { readonly actor: string; readonly from: string } {
  return { actor: principal.id, from };
}
