import { describe, expect, it } from "vitest";
import { confirmAttempt } from "./confirm-attempt.ts";
import { startController, type Controller } from "./controller.ts";
import { beginRollout, startTestServer, TestAgent, targetCommit, type TestServer, type TestServerOptions } from "./test-server.ts";

/** A server with one node in contact and a controller that has nothing to do. */
async function controlled(
  options: TestServerOptions = {},
): Promise<TestServer & { readonly agent: TestAgent; readonly controller: Controller }> {
  const server = await startTestServer(options);
  const agent = await TestAgent.connected(server, "n");
  const controller = startController(server);
  await server.settle();
  return { ...server, agent, controller };
}

const phase = ({ fleet }: TestServer): string | undefined => fleet.durable.assignments.get("r")?.get("n")?.phase;

describe("the controller", () => {
  it("decides after a change, commits with a reason, and the intent reaches the agent", async () => {
    const on = await controlled();
    await beginRollout(on);
    await on.settle();
    expect(on.store.actions).toContain("begin-attempt");
    expect(on.agent.intents).toMatchObject([{ target: { checksum: targetCommit }, attempt: { ref: { rollout: "r", number: 1 } } }]);
    await on.agent.work("Staged");
    expect([on.store.actions.includes("grant-slot"), on.agent.intents.at(-1)?.attempt?.permission?.epoch]).toEqual([true, 1]);
  });

  it("looks again when something is due by time alone", async () => {
    const on = await controlled();
    await beginRollout(on);
    await on.settle();
    await on.agent.work("Staged");
    const { attempt, target } = on.agent.intents.at(-1)!;
    const request = {
      nodeId: "n",
      attempt: attempt!.ref,
      permission: attempt!.permission!,
      bootId: on.agent.bootId,
      checksum: target.checksum,
    };
    expect(await confirmAttempt(on.fleet, request, on.clock.now())).toMatchObject({ granted: true });
    on.agent.conversation.end();
    await on.settle();
    expect(phase(on)).not.toBe("Lost");
    await on.clock.pass(2 * 3600 * 1000);
    expect(phase(on)).toBe("Lost");
  });

  it("rests while the disk cannot keep up, and forgets nothing over it", async () => {
    const on = await controlled({ maxUnderWay: 2 });
    await beginRollout(on, "first");
    const open = on.store.close();
    const label = (value: string): Promise<void> =>
      on.put({ kind: "node", value: { ...on.fleet.working.nodes.get("n")!, labels: { a: value } } });
    const changes = [label("1"), label("2")];
    await on.clock.pass(5_000);
    const begun = (): number => on.log.lines.filter((line) => line.startsWith("begin-attempt")).length;
    expect([on.fleet.overloaded, begun()]).toEqual([true, 0]);
    open();
    await Promise.all(changes);
    await on.clock.pass(2_000);
    expect([begun(), on.agent.intents.length]).toEqual([1, 1]);
  });

  it("looks once for all changes of one turn, and not at all for those that cannot matter", async () => {
    const on = await controlled();
    for (let count = 0; count < 5; count++) on.fleet.note({ kind: "contact", nodeId: "n", connected: count % 2 === 1, at: 0 });
    expect(on.clock.waiting).toBe(1);
    await on.settle();
    await on.run.above(7);
    expect(on.clock.waiting).toBe(0);
  });

  it("survives a defect in deciding, says so, and goes on later by itself", async () => {
    const on = await controlled();
    await beginRollout(on);
    on.clock.failure = new Error("a defect");
    await on.settle();
    on.clock.failure = undefined;
    expect([on.log.lines.includes("deciding failed; nothing is granted until it works again"), on.agent.intents]).toEqual([true, []]);
    await on.clock.pass(20_000);
    expect(on.agent.intents).toHaveLength(1);
  });

  it.each(["controller", "fleet"] as const)("does nothing any more once the %s was stopped", async (what) => {
    const on = await controlled();
    await beginRollout(on);
    on[what].stop();
    await on.clock.pass(3600 * 1000);
    expect([on.store.actions, on.fleet.working.intents.size]).toEqual([["start"], 0]);
    if (what === "fleet") expect(on.clock.timers).toBe(0);
  });
});
