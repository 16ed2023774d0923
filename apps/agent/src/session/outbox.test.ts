import { expect, it } from "vitest";
import { testObservation } from "../test-observation.ts";
import { Outbox } from "./outbox.ts";

const withHost = (hostname: string) => testObservation({ inventory: { ...testObservation().inventory, hostname } });

it("sends everything first, then only the sections that changed, then nothing", () => {
  const outbox = new Outbox({ window: 16 });
  const first = testObservation();
  expect(outbox.next(undefined)).toBeUndefined();
  expect(outbox.next(first)).toEqual({ kind: "observation", sequence: 1, full: true, delta: first });
  expect(outbox.next(structuredClone(first))).toBeUndefined();
  const health = { ...first.health, state: "red" as const };
  expect(outbox.next({ ...first, health })).toEqual({ kind: "observation", sequence: 2, full: false, delta: { health } });
});

it("holds back when too much is unacknowledged, and then says what is so, not what was", () => {
  const outbox = new Outbox({ window: 2 });
  outbox.next(withHost("a"));
  outbox.next(withHost("b"));
  expect(outbox.next(withHost("c"))).toBeUndefined();
  outbox.acknowledge(1);
  expect(outbox.next(withHost("d"))).toMatchObject({ sequence: 3, delta: { inventory: { hostname: "d" } } });
  expect(outbox.next(withHost("e"))).toBeUndefined();
});

it("ignores acknowledgements of what was never sent, and never goes back", () => {
  const outbox = new Outbox({ window: 1 });
  outbox.next(withHost("a"));
  outbox.acknowledge(7);
  expect(outbox.acknowledged).toBe(0);
  outbox.acknowledge(1);
  outbox.acknowledge(0);
  expect(outbox.acknowledged).toBe(1);
});
