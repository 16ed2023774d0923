import { join } from "node:path";
import { Fleet } from "@treeline/control";
import { silentLogger } from "@treeline/process";
import { putBudget } from "@treeline/rollout";
import { openSqliteStore } from "@treeline/store";
import { afterAll, expect, it } from "vitest";
import { removeTemporaryData, temporaryData } from "../test-server.ts";
import { carryOut, reasonOf, requiredReason } from "./operator-command.ts";

afterAll(removeTemporaryData);

it("an operator's command is committed with its audit entry once, and leaves nothing when it is refused", async () => {
  const store = await openSqliteStore({ path: join(await temporaryData(), "treeline.db") });
  const fleet = await Fleet.open({ store, log: silentLogger, onFatal: () => {} });
  const put = (maxUnavailable: string) =>
    carryOut(
      { fleet, now: () => 7 },
      {
        caller: { principal: { id: "token:ann", name: "ann", groups: [], grants: [], persons: [] }, reach: ["fleet"], from: "::1" },
        action: "put-budget",
        subject: "budget b",
        reason: "why",
        decide: (working, at) => putBudget(working, { name: "b", selector: "*", maxUnavailable }, at),
      },
    );
  await put("1");
  await put("1");
  await expect(put("many")).rejects.toMatchObject({ status: 3, reason: "INVALID", violations: [{ field: "spec.maxUnavailable" }] });
  const entry = { at: 7, actor: "token:ann", from: "::1", action: "put-budget", subject: "budget b", because: "why" };
  expect(await store.readAudit({ limit: 10 })).toMatchObject([entry]);
  await put("2");
  expect(await store.readAudit({ limit: 10 })).toMatchObject([entry, entry]);
  expect(fleet.durable.budgets.get("b")).toMatchObject({ maxUnavailable: { count: 2 }, createdAt: 7 });
  await store.close();
});

it("a reason is cut to what the log takes, and demanded where nothing else explains what was done", () => {
  expect(reasonOf({ reason: ` ${"x".repeat(600)}` })).toBe("x".repeat(500));
  expect(() => requiredReason({ reason: " \n" })).toThrow("the request is not valid");
});
