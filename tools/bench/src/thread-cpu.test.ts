import { describe, expect, it } from "vitest";
import { threadCpuMillis } from "./thread-cpu.ts";

function spin(rounds: number): number {
  let sum = 0;
  for (let index = 0; index < rounds; index++) sum += Math.sqrt(index);
  return sum;
}

describe("the CPU time of a thread", () => {
  it("tells short pieces of work apart that the kernel's clock does not", () => {
    spin(1e6);
    const pieces = Array.from({ length: 20 }, () => {
      const began = threadCpuMillis();
      spin(3e5);
      return threadCpuMillis() - began;
    });
    // Read without stopping, nearly all of them would be 0.
    expect(pieces.filter((millis) => millis > 0)).toHaveLength(pieces.length);
  });
});
