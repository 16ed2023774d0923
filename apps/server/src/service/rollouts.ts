import { status } from "@grpc/grpc-js";
import { RpcError, type ErrorStatus, type wire } from "@treeline/rpc";
import { abortRollout, createRollout, pauseRollout, resumeRollout, startRollout, type CommandResult, type Refusal, type RolloutRecord, type Snapshot } from "@treeline/rollout";
import type { Fleet } from "../fleet.ts";
import type { ProgressBoard } from "../progress.ts";
import { draftFromProto, rolloutView } from "./rollout-view.ts";

export interface RolloutsOptions {
  readonly fleet: Fleet;
  readonly progress: ProgressBoard;
  readonly now: () => number;
}

/** RolloutService: the commands are pure functions of `@treeline/rollout`; here they are committed with their audit entry. */
export class Rollouts {
  readonly #options: RolloutsOptions;

  constructor(options: RolloutsOptions) {
    this.#options = options;
  }

  async create(request: wire.CreateRolloutRequest__Output, operator: string): Promise<wire.CreateRolloutResponse> {
    const policy = draftFromProto(request.policy);
    return { rollout: await this.#command("create-rollout", operator, request.hold ? "hold" : "", (working, at) => createRollout(working, { name: request.name, policy, hold: request.hold }, at)) };
  }

  async start(request: wire.StartRolloutRequest__Output, operator: string): Promise<wire.StartRolloutResponse> {
    return { rollout: await this.#command("start-rollout", operator, "", (working, at) => startRollout(working, request.name, at)) };
  }

  async pause(request: wire.PauseRolloutRequest__Output, operator: string): Promise<wire.PauseRolloutResponse> {
    const reason = request.reason.slice(0, 500);
    return { rollout: await this.#command("pause-rollout", operator, reason, (working) => pauseRollout(working, request.name, reason)) };
  }

  async resume(request: wire.ResumeRolloutRequest__Output, operator: string): Promise<wire.ResumeRolloutResponse> {
    return { rollout: await this.#command("resume-rollout", operator, "", (working) => resumeRollout(working, request.name)) };
  }

  async abort(request: wire.AbortRolloutRequest__Output, operator: string): Promise<wire.AbortRolloutResponse> {
    const reason = request.reason.slice(0, 500);
    return { rollout: await this.#command("abort-rollout", operator, reason, (working, at) => abortRollout(working, request.name, reason, at)) };
  }

  get(request: wire.GetRolloutRequest__Output): wire.GetRolloutResponse {
    return { rollout: this.view(findRollout(this.#options.fleet.durable, request.name)) };
  }

  list(): wire.ListRolloutsResponse {
    const snapshot = this.#options.fleet.durable;
    return { rollouts: [...snapshot.rollouts.values()].sort((a, b) => b.createdAt - a.createdAt).map((rollout) => rolloutView(snapshot, rollout)) };
  }

  view(rollout: RolloutRecord): wire.Rollout {
    return rolloutView(this.#options.fleet.durable, rollout, this.#options.progress);
  }

  async #command(action: string, operator: string, because: string, decide: (working: Snapshot, at: number) => CommandResult): Promise<wire.Rollout> {
    const { fleet, now } = this.#options;
    const name = await fleet.transact((working) => {
      const at = now();
      const result = decide(working, at);
      if (!result.ok) throw refusalError(result.refusal);
      const audit = result.changes.length > 0 ? [{ at, actor: `operator:${operator}`, action, subject: `rollout ${result.rollout.name}`, because }] : [];
      return { changes: result.changes, audit, result: result.rollout.name };
    });
    return this.view(findRollout(fleet.durable, name));
  }
}

export function findRollout(snapshot: Snapshot, name: string): RolloutRecord {
  const rollout = snapshot.rollouts.get(name);
  if (rollout === undefined)
    throw new RpcError(`there is no rollout ${name.slice(0, 100)}`, { status: status.NOT_FOUND, reason: "ROLLOUT_UNKNOWN", subject: name.slice(0, 100), remedy: "see `treeline rollout list`" });
  return rollout;
}

const statusOf = {
  invalid: status.INVALID_ARGUMENT,
  "not-found": status.NOT_FOUND,
  exists: status.ALREADY_EXISTS,
  "wrong-state": status.FAILED_PRECONDITION,
} as const satisfies Record<Refusal["code"], ErrorStatus>;

function refusalError({ code, message, remedy, violations }: Refusal): RpcError {
  return new RpcError(message, { status: statusOf[code], reason: code.toUpperCase().replace("-", "_"), remedy, violations });
}
