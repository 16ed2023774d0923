import type { wire } from "@treeline/rpc";
import { describe, expect, it } from "vitest";
import { useTestBench } from "./test-bench.ts";
import { checksum, wireNode, wireRollout } from "./test-rollout.ts";
import type { Answers } from "./test-server.ts";

/** The real launcher in a process of its own, against a listener with the real protocol over TLS: what moves rollouts, and what stops them. */

const { serve, treeline, work } = useTestBench();

const plan: wire.RolloutPlan = {
  target: { checksum, ref: "os/stable", version: "42.1" },
  nodeCount: 321,
  waves: [
    { name: "canary", nodeCount: 1, expectedMillis: "900000", firstNodes: ["web-1"] },
    { name: "rest", nodeCount: 320, approval: true, bakeMillis: 3_600_000, expectedMillis: "7200000", firstNodes: ["web-2", "web-3"] },
  ],
  budgets: [{ id: "racks/eu/eu-1/r12", members: 40, taken: 2, limit: 4 }],
  budgetCount: 90,
  steps: [
    { wave: 0, atMillis: "0", unavailable: 1, available: 320 },
    { wave: 1, atMillis: "900000", unavailable: 32, available: 289 },
  ],
  stepCount: 2,
  expectedMillis: "8100000",
  refused: [{ nodeId: "n-9", name: "web-9", code: "red-checks", reason: "its required check network is red" }],
  refusedCount: 1,
  conflicts: [{ rollout: "winter", nodes: 3, reason: "winter has the higher priority" }],
  warnings: ["nothing is held back in rack r7"],
  rollback: { etcKept: 300, etcMerged: 20, unknown: 1 },
};

describe("a plan", () => {
  it("shows waves, domains, how long it takes, what is left, what is refused and what a rollback does", async () => {
    const server = await serve({ answers: { PlanRollout: () => ({ plan }) } });
    const { code, stdout } = await treeline(
      server,
      "rollout",
      "plan",
      "spring",
      "--release",
      "42.1",
      "--selector",
      "*",
      "--waves",
      "1,rest",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Release: +42\.1[^]*\nNodes: +321\nExpected: +2h 15m/);
    expect(stdout).toContain("finds the old deployment with its own /etc on 300 nodes; deploys it again on 20 nodes, with ostree's merge");
    expect(stdout).toContain("Warning: nothing is held back in rack r7\n");
    expect(stdout).toMatch(/ {2}rest +320 +- +needed +1h 00m +2h 00m +web-2, web-3/);
    expect(stdout).toMatch(/the fullest first \(1 of 90; all with --json\):\n[^]*racks\/eu\/eu-1\/r12 +40 +2 +4 +2\n/);
    expect(stdout).toMatch(/Capacity left:\n +AFTER[^]* {2}15m 00s +rest +32 +289\n/);
    expect(stdout).toMatch(/would not be updated now:\n[^]*web-9 +red-checks +its required check network is red/);
    expect(stdout).toMatch(/winter +3 +winter has the higher priority/);
    expect(server.requests[0]).toMatchObject({
      method: "PlanRollout",
      request: { name: "spring", policy: { release: "42.1", selector: "*" } },
    });
  });

  it("is one document for machines, of a file", async () => {
    const server = await serve({ answers: { PlanRollout: () => ({ plan }) } });
    const file = await work().write(
      "r.yaml",
      'apiVersion: treeline/v1\nkind: Rollout\nmetadata: {name: f}\nspec: {channel: os/stable, selector: "*", waves: [{rest: true, approval: true}], onFailure: rollback}\n',
    );
    const { stdout } = await treeline(server, "rollout", "plan", "-f", file, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ name: "f", expectedMillis: 8_100_000, steps: [{ available: 320 }, { available: 289 }], rollback: { etcMerged: 20 } },
      waves: [{ nodeCount: 1, selector: null }, { approval: true }],
    });
    expect(server.requests[0]?.request).toMatchObject({
      name: "f",
      policy: { channel: "os/stable", onFailure: "rollback", waves: [{ approval: true }] },
    });
  });
});

it("a plan looks past a budget in its file and says so; a creation does not", async () => {
  const server = await serve({ answers: { PlanRollout: () => ({ plan }) } });
  const document = (kind: string, spec: string): string => `apiVersion: treeline/v1\nkind: ${kind}\nmetadata: {name: x}\nspec: ${spec}\n`;
  const budget = document("Budget", '{selector: "*", maxUnavailable: 1}');
  const file = await work().write(
    "both.yaml",
    `${budget}---\n${document("Rollout", '{release: "1", selector: "*", waves: [{rest: true}]}')}`,
  );
  const planned = await treeline(server, "rollout", "plan", "-f", file);
  expect(planned).toMatchObject({ code: 0, stderr: `budget x of ${file} is not looked at: what holds is what was applied\n` });
  expect(await treeline(server, "rollout", "create", "-f", file)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/both\.yaml holds a Budget, too\nhint: use `treeline apply -f`/),
  });
  expect(await treeline(server, "rollout", "plan", "-f", await work().write("b.yaml", budget))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("holds no rollout"),
  });
  expect(server.requests.map(({ method }) => method)).toEqual(["PlanRollout"]);
});

it("a rollout takes what options say about selection, waves and failures", async () => {
  const server = await serve({ answers: { CreateRollout: () => ({ rollout: wireRollout() }) } });
  const options = [
    ...[
      "--channel",
      "os/stable",
      "--selector",
      "site=berlin",
      "--node",
      "web-1",
      "--node",
      "web-2",
      "--exclude",
      "canary",
      "--exclude-node",
      "web-3",
    ],
    ...[
      "--waves",
      "1,10%,rest",
      "--bake",
      "1h",
      "--approval",
      "--max-failures",
      "3",
      "--on-failure",
      "rollback",
      "--priority=-5",
      "--cure",
    ],
  ];
  const { code, stdout } = await treeline(server, "rollout", "create", "spring", ...options, "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    name: "spring",
    counts: { nodes: 2, moving: 1, waiting: 1 },
    policy: { channel: null, onFailure: null },
  });
  const { policy } = server.requests[0]!.request as wire.CreateRolloutRequest__Output;
  expect(policy).toMatchObject({
    ...{ channel: "os/stable", selector: "site=berlin", nodes: ["web-1", "web-2"], excludeSelector: "canary", excludeNodes: ["web-3"] },
    ...{ gate: { maxFailures: 3 }, onFailure: "rollback", priority: -5, cure: true },
  });
  expect(policy?.waves.map(({ bakeMillis = 0, approval }) => [bakeMillis, approval])).toEqual([
    [3_600_000, false],
    [3_600_000, true],
    [0, true],
  ]);
  expect(policy).not.toHaveProperty("release");
});

describe("rollouts", () => {
  const awaiting: wire.Rollout = wireRollout({
    waves: [
      { name: "canary", state: "WAVE_STATE_DONE", nodesByStanding: { updated: 1 } },
      { name: "rest", state: "WAVE_STATE_AWAITING_APPROVAL", needsApproval: true },
    ],
  });
  const answer = (rollout: wire.Rollout) => (): unknown => ({ rollout });

  it("are rolled back, approved and tried again", async () => {
    const answers: Answers = {
      RollbackRollout: answer(wireRollout({ state: "ROLLOUT_STATE_ROLLING_BACK", nodesByStanding: { updated: 7 }, goingBack: true })),
      ApproveWave: answer(wireRollout()),
      RetryRollout: answer(wireRollout()),
    };
    const server = await serve({ answers });
    const back = await treeline(server, "rollout", "rollback", "spring", "--reason", "slow disks");
    expect(back.stderr).toBe(
      "rollout spring is rolling-back\nnodes that run its release go back, 7 at this moment; follow it with `treeline rollout watch`\n",
    );
    await treeline(server, "rollout", "approve", "spring");
    await treeline(server, "rollout", "approve", "spring", "--wave", "2", "--reason", "fine");
    await treeline(server, "rollout", "retry", "spring");
    await treeline(server, "rollout", "retry", "spring", "--node", "web-1", "--node", "web-2");
    expect(server.requests).toEqual([
      { method: "RollbackRollout", request: { name: "spring", reason: "slow disks" } },
      { method: "ApproveWave", request: { name: "spring", wave: "", reason: "" } },
      { method: "ApproveWave", request: { name: "spring", wave: "2", reason: "fine" } },
      { method: "RetryRollout", request: { name: "spring", nodes: [], reason: "" } },
      { method: "RetryRollout", request: { name: "spring", nodes: ["web-1", "web-2"], reason: "" } },
    ]);
  });

  it("say which approval they wait for, and what to type", async () => {
    const { stdout, stderr } = await treeline(
      await serve({ answers: { ResumeRollout: answer(awaiting), GetRollout: answer(awaiting), ListRolloutNodes: () => ({}) } }),
      "rollout",
      "resume",
      "spring",
    );
    expect(stderr).toContain("wave rest waits for approval: treeline rollout approve spring --wave rest\n");
    expect(stdout).toContain("spring");
  });

  it.each([
    ["rollout rollback", /EACH OF THEM\s+REBOOTS/],
    ["rollout abort", /nodes\s+that\s+are\s+updated\s+stay\s+updated/],
    ["node write-off", /WITHOUT\s+EVIDENCE/],
    ["stop-all", /never stopped/],
  ])("treeline %s --help says what will happen", async (words, warning) => {
    expect((await work().treeline([...words.split(" "), "--help"])).stdout).toMatch(warning);
  });

  it.each(["node write-off web-1", "stop-all"])("are not touched by %s without a reason", async (words) => {
    const server = await serve({});
    const { code, stderr } = await treeline(server, ...words.split(" "));
    expect({ code, asked: server.requests }).toEqual({ code: 2, asked: [] });
    expect(stderr).toMatch(/reason/);
  });

  it("show only the nodes asked for", async () => {
    const nodes = { nodes: [wireNode("web-9", { phase: "UPDATE_PHASE_FAILED", class: "node", reason: "no space" })] };
    const server = await serve({ answers: { GetRollout: answer(awaiting), ListRolloutNodes: () => nodes } });
    const { stdout } = await treeline(server, "rollout", "show", "spring", "--phase", "failed,RolledBack");
    expect(stdout).toMatch(/canary +done +1 +1[^]*rest +awaiting-approval[^]*web-9 +Failed\(node\)/);
    expect(server.requests.at(-1)?.request).toMatchObject({ phases: ["UPDATE_PHASE_FAILED", "UPDATE_PHASE_ROLLED_BACK"] });
    expect((await treeline(server, "rollout", "show", "spring", "--phase", "Broken")).stderr).toContain(
      '"Broken" is no phase; they are Idle, Staging',
    );
  });

  it("have a history, read page by page as far as asked", async () => {
    const entry = (sequence: number): wire.AuditEntry => ({
      ...{
        sequence: String(sequence),
        atMillis: "1700000000000",
        actor: "operator:ann",
        action: "pause-rollout",
        subject: "rollout spring",
        because: `entry ${sequence}`,
      },
    });
    const server = await serve({
      answers: {
        GetRolloutHistory: ({ pageToken, pageSize }: wire.GetRolloutHistoryRequest__Output) =>
          pageToken === "" ? { entries: [entry(9), entry(8)].slice(0, pageSize), nextPageToken: "8" } : { entries: [entry(7)] },
      },
    });
    const all = await treeline(server, "rollout", "history", "spring", "--json");
    expect((JSON.parse(all.stdout) as { sequence: number }[]).map(({ sequence }) => sequence)).toEqual([9, 8, 7]);
    const some = await treeline(server, "rollout", "history", "spring", "--limit", "2");
    expect(some.stdout).toMatch(/operator:ann +pause-rollout +rollout spring +entry 9\n[^]*entry 8\n$/);
    expect(some.stderr).toBe("older entries are left out; see them with --limit 20 or --limit 0\n");
  });
});

describe("nodes", () => {
  const node: wire.Node = { id: "n-1", name: "web-1", writtenOff: { atMillis: "1700000000000", by: "ann", reason: "burnt" } };

  it("are explained, the most important reason first", async () => {
    const reasons: wire.Explanation[] = [
      { code: "stopped", reason: "the fleet is stopped: power works", remedy: "go on with `treeline resume-all`" },
      { code: "wave-waiting", reason: "its wave has not opened" },
    ];
    const server = await serve({ answers: { ExplainNode: () => ({ nodeId: "n-1", name: "web-1", reasons }) } });
    expect((await treeline(server, "node", "explain", "web-1")).stdout).toBe(
      "1. the fleet is stopped: power works\n   go on with `treeline resume-all`\n2. its wave has not opened\n",
    );
    expect(JSON.parse((await treeline(server, "node", "explain", "web-1", "--json")).stdout)).toMatchObject({
      id: "n-1",
      reasons: [{ code: "stopped" }, { remedy: "" }],
    });
  });

  it("are cleared and written off", async () => {
    const server = await serve({ answers: { ClearNode: () => ({ node }), WriteOffNode: () => ({ node }) } });
    const cleared = await treeline(server, "node", "clear", "web-1", "--commit", checksum, "--reason", "new disk");
    expect({ code: cleared.code, stderr: cleared.stderr }).toEqual({
      code: 0,
      stderr: `node web-1 may be given ${checksum} again; \`treeline rollout retry\` tries it in a rollout that failed there\n`,
    });
    const { stdout, stderr } = await treeline(server, "node", "write-off", "web-1", "--reason", "burnt");
    expect(stdout).toMatch(/web-1 +written off/);
    expect(stderr).toContain("counts again when it shows that it is well");
    expect(server.requests).toEqual([
      { method: "ClearNode", request: { node: "web-1", checksum, reason: "new disk" } },
      { method: "WriteOffNode", request: { node: "web-1", reason: "burnt" } },
    ]);
  });
});

describe("the andon cord", () => {
  const stop: wire.Stop = {
    selector: "site=berlin",
    reason: "power works",
    by: "ann",
    atMillis: String(Date.now() - 12_600_000),
    sparesRollbacks: true,
    nodeCount: 3,
  };

  it("is pulled for a scope, shown, and let go", async () => {
    const server = await serve({
      answers: { StopAll: () => ({ stop }), ListStops: () => ({ stops: [stop] }), ResumeAll: () => ({ lifted: [stop] }) },
    });
    const pulled = await treeline(server, "stop-all", "--selector", "site=berlin", "--reason", "power works", "--except-rollbacks");
    expect(pulled.stdout).toMatch(/site=berlin +3 +ann +3h +go on +power works/);
    expect(pulled.stderr).toBe("stopped: site=berlin, 3 nodes; go on with `treeline resume-all --selector 'site=berlin'`\n");
    expect((await treeline(server, "stops")).stdout).toContain("power works");
    expect(JSON.parse((await treeline(server, "stop-all", "--list", "--json")).stdout)).toMatchObject([
      { selector: "site=berlin", sparesRollbacks: true },
    ]);
    expect((await treeline(server, "resume-all", "--selector", "site=berlin")).stderr).toBe("goes on: site=berlin\n");
    expect(server.requests).toEqual([
      { method: "StopAll", request: { selector: "site=berlin", reason: "power works", sparesRollbacks: true } },
      { method: "ListStops", request: {} },
      { method: "ListStops", request: {} },
      { method: "ResumeAll", request: { selector: "site=berlin", reason: "" } },
    ]);
  });

  it("warns when nothing is in the scope: a misspelt selector must not read as success", async () => {
    const server = await serve({ answers: { StopAll: () => ({ stop: { ...stop, nodeCount: 0 } }) } });
    const { stderr } = await treeline(server, "stop-all", "--selector", "site=berlin", "--reason", "fire");
    expect(stderr).toContain("WARNING: no node is in this scope now");
  });

  it("stops the whole fleet without a selector", async () => {
    const server = await serve({ answers: { StopAll: () => ({ stop: { ...stop, selector: "*" } }), ResumeAll: () => ({}) } });
    await treeline(server, "stop-all", "--reason", "fire");
    expect(server.requests[0]?.request).toEqual({ selector: "*", reason: "fire", sparesRollbacks: false });
    expect((await treeline(server, "resume-all")).stderr).toBe("nothing was stopped\n");
  });
});

describe("budgets", () => {
  const budget: wire.Budget = {
    ...{
      name: "racks",
      selector: "pool=edge",
      per: "rack",
      maxUnavailable: "10%",
      createdAtMillis: String(Date.now() - 12_600_000),
      instanceCount: 3,
    },
    instances: [
      { id: "racks/eu/eu-1/r1", members: 40, taken: 4, limit: 4 },
      { id: "racks/eu/eu-1/r2", members: 40, taken: 0, limit: 4 },
    ],
  };

  it("are listed with their fullest domain, shown with every one, and removed", async () => {
    const server = await serve({ answers: { ListBudgets: () => ({ budgets: [budget] }), RemoveBudget: () => ({}) } });
    expect((await treeline(server, "budget", "list")).stdout).toMatch(
      /racks +pool=edge +rack +at most 10% unavailable +3 +racks\/eu\/eu-1\/r1: 4 of 4 taken +3h\n$/,
    );
    const shown = await treeline(server, "budget", "show", "racks");
    expect(shown.stdout).toMatch(/racks\/eu\/eu-1\/r1 +40 +4 +4 +0\n.*r2 +40 +0 +4 +4\n… and 1 more\n$/);
    expect((await treeline(server, "budget", "remove", "racks", "--reason", "old")).code).toBe(0);
    expect(server.requests.map(({ request }) => request)).toEqual([{ name: "" }, { name: "racks" }, { name: "racks", reason: "old" }]);
  });

  it("of a file are in force before its rollouts begin", async () => {
    const server = await serve({ answers: { PutBudget: () => ({ budget }), CreateRollout: () => ({ rollout: wireRollout() }) } });
    const file = await work().write(
      "all.yaml",
      'apiVersion: treeline/v1\nkind: Rollout\nmetadata: {name: spring}\nspec: {release: "42.1", selector: "*", waves: [{rest: true}]}\n---\n' +
        "apiVersion: treeline/v1\nkind: Budget\nmetadata: {name: racks}\nspec: {selector: pool=edge, per: rack, maxUnavailable: 10%}\n",
    );
    const { stdout, stderr } = await treeline(server, "apply", "-f", file);
    expect(stderr).toBe("budget racks is in force\nrollout spring is running\n");
    expect(stdout).toMatch(/^KIND +NAME +STATE\nBudget +racks +in force\nRollout +spring +running\n$/);
    expect(server.requests.map(({ method }) => method)).toEqual(["PutBudget", "CreateRollout"]);
    expect(server.requests[0]?.request).toMatchObject({
      budget: { name: "racks", selector: "pool=edge", per: "rack", maxUnavailable: "10%" },
    });
  });
});
