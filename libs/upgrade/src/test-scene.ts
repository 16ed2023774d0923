import { SimulatedHost, intentOf, type SimulatedHostOptions } from "./simulated-host.ts";
import type { Limits, Step } from "./view.ts";

export const limits: Limits = { sessionMillis: 600_000, rebootMillis: 60_000, checkMillis: 30_000, holdMillis: 600_000 };
export const target = { checksum: "target", ref: "sim", version: "2" };
export const attempt = { rollout: "r", number: 1 };
const permission = { slot: "slot", epoch: 1 };

/** A simulated host with one order to go from `base` to `target`, and a server that grants whatever is asked. */
export class Scene {
  readonly host: SimulatedHost;
  #generation = 0;
  #intent: ReturnType<typeof intentOf> | undefined;

  constructor(options: Partial<SimulatedHostOptions> = {}) {
    this.host = new SimulatedHost({ base: "base", behaviour: {}, limits, ...options });
    this.order();
  }

  /** From now on the server says this. */
  order(more: Partial<Parameters<typeof intentOf>[0]> = {}): void {
    this.#intent = intentOf({ generation: { epoch: 1, number: ++this.#generation }, target, attempt, permission, ...more });
  }

  callOff(): void {
    const stay = { ...target, checksum: this.host.booted };
    this.#intent = intentOf({ generation: { epoch: 1, number: ++this.#generation }, target: stay });
  }

  /** One step, with the session up. */
  turn(): Step {
    const { host } = this;
    host.setSession(true);
    if (this.#intent !== undefined) host.receive(this.#intent);
    const step = host.act();
    if (step.do === "confirm")
      host.answer({ attempt: step.attempt.ref, granted: true, validUntilUptimeMillis: host.uptimeMillis + 30_000 });
    return step;
  }

  until(wanted: Step["do"]): Step {
    for (let turn = 0; turn < 300; turn++) {
      const step = this.turn();
      if (step.do === wanted) return step;
      this.#wait(step);
    }
    throw new Error(`no step did ${wanted}; the journal stands at ${JSON.stringify(this.host.journal)}`);
  }

  /** Until nothing is left to do. */
  rest(): void {
    for (let turn = 0; turn < 300; turn++) if (!this.#wait(this.turn())) return;
  }

  /** Lets the time pass that the step asks for. @returns false when nothing would ever happen any more */
  #wait(step: Step): boolean {
    if (step.do !== "wait" || step.journal !== undefined) return true;
    if (step.untilUptimeMillis !== undefined) this.host.uptimeMillis = Math.max(this.host.uptimeMillis, step.untilUptimeMillis);
    return step.untilUptimeMillis !== undefined;
  }
}
