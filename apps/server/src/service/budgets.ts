import { status } from "@grpc/grpc-js";
import type { BudgetRecord } from "@treeline/disruption";
import { budgetDraftFromProto, RpcError, type wire } from "@treeline/rpc";
import { putBudget, removeBudget, type BudgetDraft, type Snapshot } from "@treeline/rollout";
import type { Fleet } from "@treeline/control";
import type { Caller } from "../access/caller.ts";
import { budgetView } from "./budget-view.ts";
import { carryOut, reasonOf } from "./operator-command.ts";

/** Instances in one answer: of each budget in a list, and of one that was asked for by name. */
const mostInstances = { each: 50, one: 20_000 };

export interface BudgetsOptions {
  readonly fleet: Fleet;
  readonly now: () => number;
}

/** BudgetService: how many nodes may be unavailable at once, and how many are. */
export class Budgets {
  readonly #options: BudgetsOptions;

  constructor(options: BudgetsOptions) {
    this.#options = options;
  }

  async put(request: wire.PutBudgetRequest__Output, caller: Caller): Promise<wire.PutBudgetResponse> {
    const draft = budgetDraftFromProto(request.budget);
    await carryOut(this.#options, {
      ...{ caller, action: "put-budget", subject: `budget ${draft.name}`.slice(0, 200), reason: reasonOf(request) || limitsText(draft) },
      decide: (working, at) => putBudget(working, draft, at),
    });
    return { budget: this.#view(findBudget(this.#options.fleet.durable, draft.name), mostInstances.each) };
  }

  list(request: wire.ListBudgetsRequest__Output): wire.ListBudgetsResponse {
    const { durable } = this.#options.fleet;
    if (request.name !== "") return { budgets: [this.#view(findBudget(durable, request.name), mostInstances.one)] };
    const budgets = [...durable.budgets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return { budgets: budgets.map((budget) => this.#view(budget, mostInstances.each)) };
  }

  async remove(request: wire.RemoveBudgetRequest__Output, caller: Caller): Promise<wire.RemoveBudgetResponse> {
    const { name } = request;
    await carryOut(this.#options, {
      caller,
      action: "remove-budget",
      subject: `budget ${name}`.slice(0, 200),
      reason: reasonOf(request),
      decide: (working) => removeBudget(working, name),
    });
    return {};
  }

  #view(budget: BudgetRecord, instances: number): wire.Budget {
    return budgetView(this.#options.fleet.durable, budget, instances);
  }
}

function findBudget(snapshot: Snapshot, name: string): BudgetRecord {
  const budget = snapshot.budgets.get(name);
  if (budget === undefined)
    throw new RpcError(`there is no budget ${name.slice(0, 100)}`, {
      status: status.NOT_FOUND,
      reason: "BUDGET_UNKNOWN",
      subject: name.slice(0, 100),
      remedy: "see `treeline budget list`",
    });
  return budget;
}

/** For the audit log: what was written. */
function limitsText({ selector = "", per, maxUnavailable, minAvailable }: BudgetDraft): string {
  const limits = [maxUnavailable && `at most ${maxUnavailable} unavailable`, minAvailable && `at least ${minAvailable} available`]
    .filter(Boolean)
    .join(", ");
  return `${selector}${per === undefined ? "" : ` per ${per}`}: ${limits}`.slice(0, 500);
}
