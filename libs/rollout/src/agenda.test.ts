import { describe, expect, it } from "vitest";
import { Agenda } from "./agenda.ts";
import { decide } from "./decide.ts";
import { fleetOf, SimulatedFleet } from "./simulated-fleet.ts";
import { applyAll } from "./snapshot.ts";

/** Every question a round puts to the agenda that had an answer: what a decision costs, without a clock. */
class CountedAgenda extends Agenda {
  looks = 0;

  override takeNode(): string | undefined {
    return this.#counted(super.takeNode());
  }

  override takeRollout(): string | undefined {
    return this.#counted(super.takeRollout());
  }

  override takeCandidate(...args: Parameters<Agenda["takeCandidate"]>): ReturnType<Agenda["takeCandidate"]> {
    return this.#counted(super.takeCandidate(...args));
  }

  #counted<Item>(item: Item): Item {
    if (item !== undefined) this.looks++;
    return item;
  }
}

/** A thousand nodes, all staged, under a budget that is full; the agenda counts from here on. */
function crowded(nodes: number): { readonly fleet: SimulatedFleet; readonly agenda: CountedAgenda } {
  const fleet = new SimulatedFleet({ nodes, policy: { maxUnavailable: "2" } });
  const agenda = new CountedAgenda();
  // Told of every change, as any other.
  for (const id of fleet.snapshot.nodes.keys()) agenda.again(id);
  agenda.note({ kind: "rollout", value: fleet.rollout }, fleet.snapshot, fleet.snapshot);
  fleet.agenda = agenda;
  const decideAll = (): void => {
    for (let more = true; more; ) {
      const decided = decide({ snapshot: fleet.snapshot, agenda, now: fleet.now });
      fleet.snapshot = decided.next;
      fleet.decisions.push(...decided.decisions);
      ({ more } = decided);
    }
  };
  decideAll();
  for (let step = 0; step < 2; step++) {
    for (const agent of fleet.agents) {
      fleet.deliver(agent);
      fleet.advance(agent, "good");
      fleet.report(agent);
    }
    decideAll();
  }
  expect(fleet.snapshot.slots.size).toBe(2);
  agenda.looks = 0;
  return { fleet, agenda };
}

const tick = (fleet: SimulatedFleet) => {
  const decided = decide({ snapshot: fleet.snapshot, agenda: fleet.agenda, now: fleet.now });
  expect(decided.more).toBe(false);
  fleet.snapshot = decided.next;
  return decided.decisions.map(({ action }) => action);
};

describe("an agenda", () => {
  it("costs nothing for nodes that wait for room, and a few looks for a slot that is given back, however many wait", () => {
    const looks = [100, 1_000].map((nodes) => {
      const { fleet, agenda } = crowded(nodes);
      expect([tick(fleet), agenda.looks]).toEqual([[], 0]);
      const agent = fleet.agents.find(({ id }) => fleet.snapshot.slots.has(id))!;
      agent.loseJournal();
      fleet.deliver(agent);
      fleet.report(agent);
      expect(tick(fleet).filter((action) => action === "grant-slot")).toEqual(["grant-slot"]);
      expect(fleet.snapshot.slots.size).toBe(2);
      return agenda.looks;
    });
    expect(looks[1]).toBe(looks[0]);
    expect(looks[1]).toBeLessThan(20);
  });

  it("does not grow when waiting nodes say the same again and again", () => {
    const { fleet, agenda } = crowded(20);
    const waiting = fleet.agents.filter(({ id }) => !fleet.snapshot.slots.has(id));
    const round = (): number => {
      agenda.looks = 0;
      for (const agent of waiting) fleet.report(agent);
      expect(tick(fleet)).toEqual([]);
      return agenda.looks;
    };
    const first = round();
    for (let again = 0; again < 20; again++) expect(round()).toBe(first);
    expect(agenda.waiting).toBe(waiting.length);
    // Room for everybody: each is asked once, not once for every time it reported.
    agenda.looks = 0;
    fleet.do({ ok: true, changes: [{ kind: "rollout", value: { ...fleet.rollout, policy: { ...fleet.rollout.policy, budgets: [] } } }] });
    fleet.snapshot = applyAll(
      fleet.snapshot,
      [...fleet.snapshot.nodes.values()].map((value) => ({ kind: "node" as const, value })),
    );
    fleet.do({ ok: true, changes: [{ kind: "budget-removed", name: "none" }] });
    expect(tick(fleet).filter((action) => action === "grant-slot")).toHaveLength(18);
    expect(agenda.looks).toBeLessThan(18 * 4);
  });

  it("wakes for what is due by time alone, and not for what is past", () => {
    const fleet = fleetOf();
    const agent = fleet.agents[0]!;
    fleet.runTo(agent, "Staged");
    fleet.disconnect(agent);
    fleet.tick();
    const lostAt = fleet.now + 20 * 60_000;
    for (let wake = fleet.agenda.nextWake; wake !== undefined; wake = fleet.agenda.nextWake) {
      expect(wake).toBeGreaterThan(fleet.now);
      fleet.now = wake;
      fleet.tick();
      expect(fleet.assignment(agent.id).phase === "Lost", String(fleet.now)).toBe(fleet.now >= lostAt);
    }
    expect(fleet.assignment(agent.id).phase).toBe("Lost");
  });

  it("decides the same as one that names everything, wave by wave", () => {
    const told = fleetOf({ waves: [{ size: { count: 1 } }, { size: { rest: true } }] }, { nodes: 4 });
    const fresh = fleetOf({ waves: [{ size: { count: 1 } }, { size: { rest: true } }] }, { nodes: 4 });
    for (let round = 0; round < 40; round++) {
      for (const fleet of [told, fresh]) {
        if (fleet === fresh) fleet.agenda = Agenda.everything(fleet.snapshot);
        fleet.runUntil(() => false, 1);
      }
    }
    const text = ({ decisions }: SimulatedFleet): readonly string[] => decisions.map(({ action, subject }) => `${action} ${subject}`);
    expect(text(told).length).toBeGreaterThan(20);
    expect(text(fresh)).toEqual(text(told));
  });
});
