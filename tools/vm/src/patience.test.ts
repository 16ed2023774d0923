import { describe, expect, test } from "vitest";
import { Patience } from "./patience.ts";

const never = new AbortController().signal;
const far = (): number => performance.now() + 60_000;

describe("patience", () => {
  test("an answer that satisfies comes back, whatever came before it", async () => {
    const patience = new Patience({ stallMillis: 60_000, deadline: far(), pulse: () => "", signal: never });
    let asked = 0;
    const answer = await patience.until("the third", () => (++asked === 2 ? Promise.reject(new Error("away")) : asked), (value) => value === 3);
    expect(answer).toBe(3);
  });

  test("it is given up when nothing moves, with the last answer", async () => {
    const patience = new Patience({ stallMillis: 1, deadline: far(), pulse: () => "still", signal: never });
    await expect(patience.until("never", () => "red", () => false)).rejects.toMatchObject({ code: "gave-up", message: expect.stringContaining('nothing has moved for 0 s; the last answer was "red"') });
  });

  test("as long as a console grows it waits, even for an answer that does not come", async () => {
    let grown = 0;
    const patience = new Patience({ stallMillis: 700, deadline: performance.now() + 2000, pulse: () => String((grown += 1)), signal: never });
    await expect(patience.until("a silent one", () => new Promise(() => {}), () => true)).rejects.toMatchObject({ message: expect.stringContaining("the time for the whole run is used up") });
    expect(grown).toBeGreaterThan(3);
  });

  test("an abort ends it", async () => {
    const stop = new AbortController();
    const patience = new Patience({ stallMillis: 60_000, deadline: far(), pulse: () => "", signal: stop.signal });
    stop.abort(new Error("stopped"));
    await expect(patience.until("never", () => 1, () => false)).rejects.toThrow("stopped");
  });
});
