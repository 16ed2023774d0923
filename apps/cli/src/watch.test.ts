import { Readable } from "node:stream";
import { status } from "@grpc/grpc-js";
import { RpcError, type wire } from "@treeline/rpc";
import { describe, expect, it } from "vitest";
import { run } from "./main.ts";
import type { Shell } from "./shell.ts";
import { useTestBench } from "./test-bench.ts";
import { wireNode, wireRollout, type WireState } from "./test-rollout.ts";

/** The real launcher in a process of its own, against a listener with the real protocol over TLS: watching a rollout. */

const { serve, stopServer, treeline, work } = useTestBench();

describe("a watch", () => {
  const states = (...rollouts: readonly (WireState | wire.WatchResponse | "break")[]) =>
    async function* () {
      yield* rollouts;
    };
  const done = wireRollout({
    state: "ROLLOUT_STATE_COMPLETED",
    openWave: 2,
    nodes: [wireNode("web-1", { phase: "UPDATE_PHASE_UPDATED" }), wireNode("web-2", { wave: 1, phase: "UPDATE_PHASE_UPDATED" })],
  });
  const halted = wireRollout({
    state: "ROLLOUT_STATE_HALTED",
    reason: "web-1 failed",
    nodes: [wireNode("web-1", { phase: "UPDATE_PHASE_FAILED", class: "release", reason: "not signed" })],
  });

  it("prints one line for each change and exits with 0 when the rollout completed", async () => {
    const { code, stdout, stderr } = await treeline(
      await serve({ watch: states(wireRollout(), wireRollout(), done) }),
      "rollout",
      "watch",
      "spring",
    );
    expect(stdout.split("\n").map((line) => line.replace(/^\S+Z /, ""))).toEqual([
      "rollout spring: running, wave 1 of 3, 2 nodes: 1 Staging, 1 Idle",
      "node web-1 (wave 1): Staging",
      "node web-2 (wave 2): Idle",
      "rollout spring: completed, wave 3 of 3, 2 nodes: 2 Updated",
      "node web-1 (wave 1): Updated",
      "node web-2 (wave 2): Updated",
      "",
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("is redrawn in place on a terminal, and leaves its last view", async () => {
    const server = await serve({ watch: states(wireRollout(), done) });
    let text = "";
    const shell: Shell = {
      env: { TREELINE_CREDENTIAL: await work().write("credential.yaml", server.credential), NO_COLOR: "1" },
      home: work().directory,
      stdin: Readable.from([]),
      out: { write: (part) => void (text += part), isTTY: true, columns: 100, rows: 24 },
      err: { write: () => {} },
      now: () => 1_700_000_060_000,
    };
    expect(await run(shell, ["rollout", "watch", "spring"])).toBe(0);
    // Five lines, then up by five.
    expect(text).toMatch(/^\rrollout spring {2}running {2}42\.1 \(ababababab\) {2}wave 1 of 3 {2}for 1m 00s/);
    const [first, second, ...more] = text.split("\u001b[5A");
    expect(first).toContain("Staging");
    expect(second).toMatch(/completed[^]*Updated[^]*\u001b\[J$/);
    expect(more).toEqual([]);
    expect(text).not.toContain("\u001b[3");
  });

  it("exits with 1 when the rollout halted", async () => {
    const { code, stdout, stderr } = await treeline(await serve({ watch: states(halted) }), "rollout", "watch", "spring");
    expect(stdout).toContain("node web-1 (wave 1): Failed(release): not signed\n");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "error: rollout spring is halted: web-1 failed\nhint: `treeline rollout show spring` shows every node's reason\n",
    });
    expect(stdout).toContain("it waits for a person: treeline rollout retry spring, rollback spring or abort spring\n");
  });

  it("exits with 1 when the rollout was rolled back or aborted", async () => {
    for (const state of ["ROLLOUT_STATE_ROLLED_BACK", "ROLLOUT_STATE_ABORTED"] as const) {
      const { code, stderr } = await treeline(await serve({ watch: states(wireRollout({ state })) }), "rollout", "watch", "spring");
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^error: rollout spring is (rolled-back|aborted)\n/) });
    }
  });

  it("puts together what comes in parts: all nodes first, then those that changed or left", async () => {
    const { nodes, ...rollout } = wireRollout();
    const changed = wireNode("web-2", { wave: 1, phase: "UPDATE_PHASE_UPDATED" });
    const parts: readonly wire.WatchResponse[] = [
      { rollout, nodes: nodes.slice(1), partial: true },
      { rollout, nodes: nodes.slice(0, 1) },
      { rollout, nodes: [changed] },
      { rollout: { ...rollout, state: "ROLLOUT_STATE_COMPLETED" }, removed: ["id-of-web-1"] },
    ];
    const { stdout } = await treeline(await serve({ watch: states(...parts) }), "rollout", "watch", "spring", "--json");
    const seen = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { nodes: { name: string; phase: string }[] }).nodes.map(({ name, phase }) => `${name} ${phase}`));
    expect(seen).toEqual([["web-1 Staging", "web-2 Idle"], ["web-1 Staging", "web-2 Updated"], ["web-2 Updated"]]);
  });

  it("asks for no nodes when it shows none", async () => {
    const server = await serve({
      watch: states({ rollout: wireRollout({ state: "ROLLOUT_STATE_COMPLETED", nodesByStanding: { updated: 100_000 } }) }),
    });
    const { stdout } = await treeline(server, "rollout", "watch", "spring", "--summary");
    expect(stdout).toContain("completed, wave 1 of 3, 100000 nodes: 100000 updated");
    expect(server.requests).toEqual([{ method: "Watch", request: { rollout: "spring", summary: true } }]);
  });

  it("prints one JSON document a line for machines", async () => {
    const { stdout } = await treeline(await serve({ watch: states(wireRollout(), done) }), "rollout", "watch", "spring", "-o", "json");
    const documents = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { state: string });
    expect(documents.map(({ state }) => state)).toEqual(["running", "completed"]);
    expect(documents[0]).toMatchObject({
      nodes: [
        { phase: "Staging", bytesPulled: 4404019 },
        { phase: "Idle", proved: false },
      ],
    });
  });

  it("goes on when the server restarts", async () => {
    const { promise: shown, resolve } = Promise.withResolvers<void>();
    const first = await serve({
      watch: async function* () {
        yield wireRollout();
        await new Promise(() => {});
      },
    });
    const env = { TREELINE_CREDENTIAL: await work().write("credential.yaml", first.credential) };
    const running = work().treeline(["rollout", "watch", "spring"], { env, onStdout: (text) => text.includes("Staging") && resolve() });
    await shown;
    await stopServer();
    await serve({ watch: states(done), port: first.port });
    const { code, stdout, stderr } = await running;
    expect(stderr).toMatch(/^connection lost, trying again: /);
    expect(stdout).toMatch(/Staging[^]*completed/);
    expect(code).toBe(0);
  });

  it("goes on when a stream ends before the rollout has", async () => {
    const streams = [states(wireRollout()), states("break"), states(done)];
    const { code, stderr } = await treeline(await serve({ watch: () => (streams.shift() ?? states())() }), "rollout", "watch", "spring");
    expect(code).toBe(0);
    expect(stderr.match(/connection lost/g)).toHaveLength(2);
  });

  it("does not try again what cannot come right", async () => {
    const server = await serve({
      watch: async function* () {
        throw new RpcError("there is no rollout spring", {
          status: status.NOT_FOUND,
          reason: "NOT_FOUND",
          remedy: "see `treeline rollout list`",
        });
      },
    });
    expect(await treeline(server, "rollout", "watch", "spring")).toEqual({
      code: 1,
      stdout: "",
      stderr: "error: there is no rollout spring\nhint: see `treeline rollout list`\n",
    });
    expect(server.requests).toHaveLength(1);
  });

  it("gives up when it is told to", async () => {
    const server = await serve({
      watch: async function* () {
        yield wireRollout();
        await new Promise(() => {});
      },
    });
    const { code, stderr } = await treeline(server, "rollout", "watch", "spring", "--timeout", "1s");
    expect(code).toBe(1);
    expect(stderr).toContain("has not ended in the time allowed");
  });

  it("follows the creation of a rollout", async () => {
    const server = await serve({ answers: { CreateRollout: () => ({ rollout: wireRollout() }) }, watch: states(wireRollout(), done) });
    const { code, stdout } = await treeline(server, "rollout", "create", "spring", "--release", "42.1", "--selector", "*", "--watch");
    expect(code).toBe(0);
    expect(stdout).not.toContain("NAME");
    expect(stdout).toContain("completed");
  });
});
