import { describe, expect, it } from "vitest";
import { Chance } from "./chance.ts";

function draw(chance: Chance, stream: string): readonly number[] {
  return Array.from({ length: 5 }, () => chance.stream(stream).whole(0, 1_000_000));
}

describe("Chance", () => {
  it("gives a stream the same draws whatever other streams draw", () => {
    const alone = draw(new Chance({ seed: 1, run: 2 }), "link n1");
    const beside = new Chance({ seed: 1, run: 2 });
    draw(beside, "link n2");
    expect(draw(beside, "link n1")).toEqual(alone);
  });

  it("gives other draws to another seed, run and name", () => {
    const all = [
      draw(new Chance({ seed: 1, run: 2 }), "a"),
      draw(new Chance({ seed: 2, run: 2 }), "a"),
      draw(new Chance({ seed: 1, run: 3 }), "a"),
      draw(new Chance({ seed: 1, run: 2 }), "b"),
    ];
    expect(new Set(all.map(String)).size).toBe(4);
  });
});
