import type { ConfirmRequest } from "@treeline/rollout";
import { beforeEach, describe, expect, it } from "vitest";
import { confirmAttempt } from "./confirm-attempt.ts";
import { startController } from "./controller.ts";
import { beginRollout, startTestServer, TestAgent, type TestServer } from "./test-server.ts";

let server: TestServer;
let request: ConfirmRequest;

/** A node that was granted its slot. */
beforeEach(async () => {
  server = await startTestServer();
  const agent = await TestAgent.connected(server, "n");
  startController(server);
  await beginRollout(server);
  await server.settle();
  await agent.work("Staged");
  const { attempt, target } = agent.intents.at(-1)!;
  request = { nodeId: "n", attempt: attempt!.ref, permission: attempt!.permission!, bootId: agent.bootId, checksum: target.checksum };
});

const ask = (more: Partial<ConfirmRequest> = {}) => confirmAttempt(server.fleet, { ...request, ...more }, server.clock.now());
const confirmed = (): boolean => server.fleet.durable.slots.get("n")?.confirmed !== undefined;

describe("a confirmation", () => {
  it("is durable, with who asked, before it is given; and each question is judged afresh", async () => {
    const open = server.store.close();
    let answered = false;
    const answer = ask().finally(() => (answered = true));
    await server.settle();
    expect([answered, confirmed()]).toEqual([false, false]);
    open();
    expect(await answer).toEqual({ granted: true, ttlMillis: 30_000, reason: "" });
    expect([confirmed(), server.store.batches.flatMap(({ audit }) => audit)]).toEqual([
      true,
      expect.arrayContaining([expect.objectContaining({ actor: "node:n", action: "confirm" })]),
    ]);
    expect(await ask({ bootId: "another" })).toMatchObject({
      granted: false,
      ttlMillis: 0,
      reason: expect.stringMatching(/booted/) as string,
    });
  });

  it("that is refused changes nothing", async () => {
    const before = server.store.batches.length;
    expect(await ask({ checksum: "d".repeat(64) })).toMatchObject({ granted: false });
    expect([server.store.batches.length, confirmed()]).toEqual([before, false]);
  });

  it("is not given by a server that was stopped before the commit was over, though the commit may hold", async () => {
    const open = server.store.close();
    const answer = ask();
    server.fleet.stop();
    open();
    await expect(answer).rejects.toMatchObject({ code: "server-stopping" });
    await expect(ask()).rejects.toMatchObject({ code: "server-stopping" });
    expect((await startTestServer({ store: server.store })).fleet.durable.slots.get("n")?.confirmed).toBeDefined();
  });

  it("is not given by a server that another has replaced, and that server ends", async () => {
    await startTestServer({ store: server.store });
    await expect(ask()).rejects.toThrow(/epoch 1 is over/);
    expect(server.fatal).toHaveLength(1);
    await expect(ask()).rejects.toMatchObject({ code: "store-failed" });
  });

  it("nor by one whose store has failed on something that it may rest on", async () => {
    server.store.fate = ({ changes }) => {
      if (changes[0]?.kind === "node") throw new Error("the disk is gone");
    };
    const open = server.store.close();
    const label = server.put({ kind: "node", value: { ...server.fleet.working.nodes.get("n")!, labels: { a: "b" } } });
    const answer = ask();
    open();
    await expect(label).rejects.toThrow(/disk/);
    await expect(answer).rejects.toMatchObject({ code: "store-failed" });
  });
});
