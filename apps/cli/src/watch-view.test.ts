import { describe, expect, it } from "vitest";
import { createLiveFrame } from "./output/live-frame.ts";
import { paintFor } from "./output/style.ts";
import { nodeOf, noCounts, rolloutOf, waveOf } from "./test-rollout.ts";
import type { RolloutView } from "./view/rollout.ts";
import { changeLines, renderWatch, type Screen } from "./watch-view.ts";

const screen: Screen = { columns: 100, rows: 24, now: Date.parse("2026-01-01T00:03:05Z"), paint: paintFor(false) };
const busy = rolloutOf({
  openWave: 1,
  nodes: [
    nodeOf("web-1", { phase: "Updated", attempt: 1, bytesPulled: 12_582_912 }),
    nodeOf("web-2", { phase: "Soaking", wave: 1, attempt: 2, holdsSlot: true, confirmed: true }),
    nodeOf("web-3", { phase: "Staging", wave: 1, attempt: 1, bytesPulled: 4_404_019, bytesToPull: 12_582_912, connected: false }),
    nodeOf("web-4", { wave: 1 }),
  ],
});

describe("the live view", () => {
  it("shows the rollout, its counts and each node", () => {
    expect(renderWatch({ rollout: busy }, screen)).toEqual([
      "rollout spring  running  42.1 (ababababab)  wave 2 of 2  for 3m 05s",
      "4 nodes: 1 Updated, 1 Soaking, 1 Staging, 1 Idle; 1 slot held",
      "WAVE  NODE   PHASE    SLOT               PULLED  ATTEMPT  SESSION    REASON",
      "   1  web-1  Updated  -                12.0 MiB        1  connected  -",
      "   2  web-2  Soaking  held                    -        2  connected  -",
      "   2  web-3  Staging  -     4.2 MiB of 12.0 MiB        1  offline    -",
      "   2  web-4  Idle     -                       -        -  connected  -",
    ]);
  });

  it("says why a rollout halted, how long it took, and what became of a node", () => {
    const lines = renderWatch(
      {
        rollout: rolloutOf({
          state: "halted",
          reason: "web-1 rolled back",
          endedAt: "2026-01-01T00:01:00.000Z",
          nodes: [nodeOf("web-1", { phase: "Failed", class: "release", reason: "the commit\u001b[2J is not signed" })],
        }),
      },
      screen,
    );
    expect(lines[0]).toContain("halted");
    expect(lines[0]).toContain("took 1m 00s");
    expect(lines[2]).toBe("web-1 rolled back");
    expect(lines.at(-1)).toMatch(/Failed\(release\).*the commit�\[2J is not signed$/);
  });

  it("says that the connection is lost", () => {
    expect(renderWatch({ rollout: busy, lost: "connect ECONNREFUSED" }, screen)).toContain(
      "connection lost, trying again: connect ECONNREFUSED",
    );
  });

  it("colours only when asked to", () => {
    expect(renderWatch({ rollout: busy }, { ...screen, paint: paintFor(true) }).join("")).toContain("\u001b[32mUpdated");
    expect(renderWatch({ rollout: busy }, screen).join("")).not.toContain("\u001b");
  });

  it("never outgrows the screen, and keeps those that need a look", () => {
    const many = rolloutOf({
      reason: "x".repeat(300),
      nodes: [
        ...Array.from({ length: 60 }, (_, n) => nodeOf(`done-${n}`, { phase: "Updated" })),
        nodeOf("broken", { phase: "RolledBack", wave: 3, reason: "y".repeat(300) }),
        nodeOf("moving", { phase: "Rebooting", wave: 3 }),
        ...Array.from({ length: 60 }, (_, n) => nodeOf(`later-${n}`, { wave: 4 })),
      ],
    });
    for (let rows = 2; rows < 30; rows++) {
      for (const columns of [10, 40, 80]) {
        const lines = renderWatch({ rollout: many, lost: "z".repeat(200) }, { ...screen, rows, columns });
        expect(lines.length).toBeLessThanOrEqual(rows - 1);
        for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns);
      }
    }
    const lines = renderWatch({ rollout: many }, { ...screen, rows: 10 });
    expect(lines.some((line) => line.includes("broken"))).toBe(true);
    expect(lines.some((line) => line.includes("moving"))).toBe(true);
    expect(lines.at(-1)).toBe("… and 118 more");
  });
});

describe("what a person must know", () => {
  const waves = [
    waveOf("canary", { state: "baking", bakeEndsAt: "2026-01-01T00:07:05.000Z", counts: { ...noCounts, nodes: 1, updated: 1 } }),
    waveOf("berlin", { needsApproval: true, counts: { ...noCounts, nodes: 20, waiting: 20 } }),
    waveOf("rest", { counts: { ...noCounts, nodes: 300, waiting: 300 } }),
  ];

  it("is how the waves stand, and how long a bake still takes", () => {
    expect(renderWatch({ rollout: rolloutOf({ waves }) }, screen).slice(2, 6)).toEqual([
      "WAVE    STATE                NODES  UPDATED  MOVING  FAILED  WAITING  APPROVED",
      "canary  baking, 4m 00s left      1        1       -       -        -  -",
      "berlin  waiting                 20        -       -       -       20  needed",
      "rest    waiting                300        -       -       -      300  -",
    ]);
  });

  it("is the approval that is waited for, with the command to type", () => {
    const awaiting = rolloutOf({
      waves: [waveOf("canary", { state: "done" }), waveOf("berlin", { state: "awaiting-approval", needsApproval: true })],
    });
    expect(renderWatch({ rollout: awaiting }, screen)).toContain(
      "wave berlin waits for approval: treeline rollout approve spring --wave berlin",
    );
  });

  it("is that it goes back, and that its way back is paused", () => {
    const back = {
      goingBack: true,
      nodes: [nodeOf("web-1", { phase: "Rebooting", goingBack: true }), nodeOf("web-2", { phase: "Reverted", goingBack: true })],
    };
    const lines = renderWatch({ rollout: rolloutOf({ state: "rolling-back", ...back }) }, screen);
    expect(lines).toContain("going back: every node that runs the release returns to what it ran before");
    expect(lines.join("\n")).toMatch(/web-1 +Rebooting \(way back\)[^]*web-2 +Reverted +-/);
    expect(renderWatch({ rollout: rolloutOf({ state: "paused", ...back }) }, screen)).toContain(
      "its way back is paused: treeline rollout resume spring",
    );
  });

  it("is the waves at work alone where there is no room for all", () => {
    const many = Array.from({ length: 40 }, (_, n) => waveOf(`w${n}`, { state: n < 20 ? "done" : n === 20 ? "open" : "waiting" }));
    const lines = renderWatch({ rollout: rolloutOf({ waves: many }) }, screen);
    expect(lines.filter((line) => /^w\d/.test(line))).toEqual([expect.stringMatching(/^w20 +open/)]);
  });
});

describe("the log of changes", () => {
  const since = (before: RolloutView | undefined, after: RolloutView): readonly string[] => {
    const known = new Map(before?.nodes.map((node) => [node.id, node]));
    return changeLines({ before, after, changed: after.nodes, known }, screen.now);
  };

  it("begins with how everything stands", () => {
    expect(since(undefined, busy)).toEqual([
      "rollout spring: running, wave 2 of 2, 4 nodes: 1 Updated, 1 Soaking, 1 Staging, 1 Idle; 1 slot held",
      "node web-1 (wave 1): Updated",
      "node web-2 (wave 2): Soaking, attempt 2, holds a slot, confirmed",
      "node web-3 (wave 2): Staging, offline",
      "node web-4 (wave 2): Idle",
    ]);
  });

  it("has one line for each change and none for bytes", () => {
    const [first, ...others] = busy.nodes;
    const after = rolloutOf({
      ...busy,
      nodes: [
        { ...nodeOf("web-1"), ...first, bytesPulled: 99_999_999 },
        ...others.map((node) => (node.name === "web-4" ? { ...node, phase: "Staging" as const } : node)),
      ],
    });
    expect(since(busy, after)).toEqual(["node web-4 (wave 2): Staging"]);
    expect(since(after, after)).toEqual([]);
    expect(since(after, { ...after, state: "paused", reason: "lunch" })).toEqual([
      expect.stringMatching(/^rollout spring: paused, wave 2 of 2, .*: lunch$/),
      "it is paused: treeline rollout resume spring",
    ]);
  });

  it("says when a wave bakes and when one waits for a person, once", () => {
    const open = rolloutOf({ waves: [waveOf("canary", { state: "open" }), waveOf("berlin")] });
    const baking = rolloutOf({ waves: [waveOf("canary", { state: "baking", bakeEndsAt: "2026-01-01T00:04:05.000Z" }), waveOf("berlin")] });
    const awaiting = rolloutOf({ waves: [waveOf("canary", { state: "done" }), waveOf("berlin", { state: "awaiting-approval" })] });
    expect(since(open, baking)).toEqual(["wave canary: baking, 1m 00s left"]);
    expect(since(baking, awaiting)).toEqual([
      "wave canary: done",
      "wave berlin: awaiting-approval",
      "wave berlin waits for approval: treeline rollout approve spring --wave berlin",
    ]);
    expect(since(awaiting, awaiting)).toEqual([]);
  });
});

it("redraws in place: up by the lines of the frame before, in one write", () => {
  const writes: string[] = [];
  const frame = createLiveFrame({ write: (text) => void writes.push(text) });
  frame.draw(["a", "b"]);
  frame.draw(["c"]);
  frame.draw([]);
  expect(writes).toEqual(["\ra\u001b[K\nb\u001b[K\n\u001b[J", "\u001b[2A\rc\u001b[K\n\u001b[J", "\u001b[1A\r\u001b[J"]);
});
