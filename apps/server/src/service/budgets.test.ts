import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeTemporaryData, startTestServer, type TestServer } from "../test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  for (const [hostname, zone] of [
    ["a", "z1"],
    ["b", "z1"],
    ["c", "z1"],
    ["d", "z2"],
  ] as const) {
    const node = await server.enroll({
      hostname,
      labels: { "topology.kubernetes.io/region": "eu", "topology.kubernetes.io/zone": zone, pool: "edge" },
    });
    // All but c are in contact.
    if (hostname !== "c") await node.connect();
  }
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

describe("budgets", () => {
  const budget = { name: "zones", selector: "pool=edge", per: "zone", maxUnavailable: "50%" };

  it("are put once, and say for each domain how many nodes are taken and how many may be, the fullest first", async () => {
    const put = await server.front.budgets.putBudget({ budget });
    expect(put.budget).toMatchObject({ ...budget, instanceCount: 2 });
    expect(put.budget!.instances).toEqual([
      { id: "zones/eu/z1", members: 3, taken: 1, limit: 1 },
      { id: "zones/eu/z2", members: 1, taken: 0, limit: 1 },
    ]);
    expect((await server.front.budgets.putBudget({ budget })).budget).toEqual(put.budget);
    expect((await server.front.budgets.putBudget({ budget: { ...budget, maxUnavailable: "3" } })).budget).toMatchObject({
      maxUnavailable: "3",
      createdAtMillis: put.budget!.createdAtMillis,
    });
  });

  it("are listed, all or one, whole", async () => {
    await server.front.budgets.putBudget({ budget: { name: "all", selector: "*", minAvailable: "2" } });
    const { budgets } = await server.front.budgets.listBudgets({});
    expect(budgets.map(({ name }) => name)).toEqual(["all", "zones"]);
    expect(budgets[0]).toMatchObject({ minAvailable: "2", instances: [{ id: "all", members: 4, taken: 1, limit: 2 }] });
    expect(budgets[0]).not.toHaveProperty("maxUnavailable");
    expect((await server.front.budgets.listBudgets({ name: "zones" })).budgets).toMatchObject([{ name: "zones", instanceCount: 2 }]);
    await expect(server.front.budgets.listBudgets({ name: "none" })).rejects.toMatchObject({ status: 5, reason: "BUDGET_UNKNOWN" });
  });

  it.each([
    ["metadata.name", { name: "No Name" }],
    ["spec.selector", { selector: "a in (" }],
    ["spec.per", { per: "shelf" }],
    ["spec.maxUnavailable", { maxUnavailable: "some" }],
    ["spec", { maxUnavailable: undefined }],
  ])("with a wrong %s are refused with its name", async (field, wrong) => {
    const wanted = Object.fromEntries(Object.entries({ ...budget, ...wrong }).filter(([, value]) => value !== undefined));
    await expect(server.front.budgets.putBudget({ budget: wanted })).rejects.toMatchObject({ status: 3, violations: [{ field }] });
  });

  it("are removed, once", async () => {
    await server.front.budgets.removeBudget({ name: "zones", reason: "old" });
    expect((await server.front.budgets.listBudgets({})).budgets.map(({ name }) => name)).toEqual(["all"]);
    await expect(server.front.budgets.removeBudget({ name: "zones" })).rejects.toMatchObject({ status: 5 });
  });
});
