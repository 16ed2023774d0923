import { parseSelector, selects } from "@treeline/fleet";
import type { wire } from "@treeline/rpc";
import { resumeAll, stopAll, type StopRecord } from "@treeline/rollout";
import type { Fleet } from "@treeline/control";
import type { Caller } from "../access/caller.ts";
import { carryOut, reasonOf, requiredReason } from "./operator-command.ts";

export interface StopsOptions {
  readonly fleet: Fleet;
  readonly now: () => number;
}

/**
 * StopService: the andon cord.
 * INVARIANT: the answer to StopAll is given after its commit, and grants and confirmations are decided on the same working snapshot: whatever is
 * committed after the answer was decided with the stop in view.
 */
export class Stops {
  readonly #options: StopsOptions;

  constructor(options: StopsOptions) {
    this.#options = options;
  }

  async stopAll(request: wire.StopAllRequest__Output, caller: Caller): Promise<wire.StopAllResponse> {
    const reason = requiredReason(request);
    const { sparesRollbacks } = request;
    const selector = request.selector.trim() || "*";
    const { stop } = await carryOut(this.#options, {
      ...{
        caller,
        action: "stop-all",
        subject: `stop ${selector}`.slice(0, 200),
        reason: sparesRollbacks ? `except rollbacks: ${reason}` : reason,
      },
      decide: (working, at) => stopAll(working, { selector, reason, by: caller.principal.id, sparesRollbacks }, at),
    });
    return { stop: this.#view(stop) };
  }

  async resumeAll(request: wire.ResumeAllRequest__Output, caller: Caller): Promise<wire.ResumeAllResponse> {
    const selector = request.selector.trim();
    const { lifted } = await carryOut(this.#options, {
      ...{ caller, action: "resume-all", subject: selector === "" ? "stop" : `stop ${selector}`, reason: reasonOf(request) },
      decide: (working) => resumeAll(working, selector === "" ? {} : { selector }),
    });
    return { lifted: lifted.map((stop) => this.#view(stop)) };
  }

  list(): wire.ListStopsResponse {
    return { stops: [...this.#options.fleet.durable.stops.values()].sort((a, b) => b.at - a.at).map((stop) => this.#view(stop)) };
  }

  #view({ selector, reason, by, at, sparesRollbacks }: StopRecord): wire.Stop {
    const parsed = parseSelector(selector);
    const nodeCount = parsed.ok ? this.#options.fleet.durable.nodes.count((node) => node.revokedAt === undefined && selects(parsed.selector, node.labels)) : 0;
    return { selector, reason, by, atMillis: String(at), sparesRollbacks, nodeCount };
  }
}
