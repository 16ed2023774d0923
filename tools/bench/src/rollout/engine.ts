/** One fleet of paper in a process of its own, so that no other fleet's heap is in its way. Driven by the benchmark through messages. */
import { planRollout } from "@treeline/rollout";
import { answerParent } from "../child-program.ts";
import { fullRunPolicy, openFullRun, runWindow, type FullRun, type Window } from "./full-run.ts";
import { paperFleet } from "./paper-fleet.ts";

export type EngineQuestion =
  | { readonly kind: "prepare"; readonly nodes: number }
  | { readonly kind: "window"; readonly ticks: number }
  | { readonly kind: "plan" | "heap" };

/** How the first wave opened. */
export interface Prepared {
  readonly decisions: number;
  readonly seconds: number;
}

export interface Planned {
  readonly seconds: number;
}

export interface Heap {
  readonly mib: number;
}

const now = 1_000_000;

class EngineSide {
  #fleet = paperFleet(0);
  #run: FullRun | undefined;

  prepare(nodes: number): Prepared {
    this.#fleet = paperFleet(nodes);
    const { run, decisions, seconds } = openFullRun(this.#fleet, now);
    this.#run = run;
    return { decisions, seconds };
  }

  window(ticks: number): Window {
    if (this.#run === undefined) throw new Error("nothing was prepared");
    return runWindow(this.#run, ticks);
  }

  /** A whole plan over the fleet at rest. */
  plan(): Planned {
    const began = performance.now();
    const planned = planRollout(this.#fleet, { name: "planned", policy: fullRunPolicy }, now);
    const seconds = (performance.now() - began) / 1000;
    if (!planned.ok || planned.plan.nodes !== this.#fleet.nodes.size) throw new Error("the plan does not cover the fleet");
    return { seconds };
  }

  heap(): Heap {
    if (globalThis.gc === undefined) throw new Error("start Node with --expose-gc");
    globalThis.gc();
    return { mib: process.memoryUsage().heapUsed / 2 ** 20 };
  }
}

const side = new EngineSide();
answerParent(async (question: EngineQuestion): Promise<Prepared | Window | Planned | Heap> => {
  switch (question.kind) {
    case "prepare":
      return side.prepare(question.nodes);
    case "window":
      return side.window(question.ticks);
    case "plan":
      return side.plan();
    case "heap":
      return side.heap();
  }
});
