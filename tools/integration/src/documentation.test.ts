import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Machine, Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { bootedChecksum } from "./readings.ts";
import { applyDocument, publish, requiredCheck, script, sharedFleet, showLogs, type Applied } from "./test-fleet.ts";

/** Every example of docs/rollouts.md, as it stands there. A fragment has no apiVersion and is laid over the smallest policy. */
const text = await readFile(path.join(import.meta.dirname, "../../../docs/rollouts.md"), "utf8");
const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]!);
const documents = blocks.flatMap((block) => parseAllDocuments(block).map((document) => document.toJS() as Partial<Applied>));
const rollouts = documents.filter((document): document is Applied => document.kind === "Rollout");
const budgets = documents.filter((document): document is Applied => document.kind === "Budget");
const fragments = blocks.map((block) => parse(block.split("---")[0]!) as Partial<Applied>).filter(({ kind }) => kind === undefined);

let first: Release;
let machines: readonly Machine[];

const shared = sharedFleet(async (fleet) => {
  first = await publish(fleet, "1.0", { [requiredCheck("10-app.sh")]: script("exit 0") });
  await publish(fleet, "2.0", { [requiredCheck("10-app.sh")]: script("exit 0") });
  await publish(fleet, "3.0", { [requiredCheck("10-app.sh")]: script("echo 3.0 does not answer >&2; exit 1") });
  machines = await fleet.addMachines(["alpha", "beta"], first);
});

async function expectFirst(): Promise<void> {
  for (const machine of machines) expect(await bootedChecksum(machine), machine.name).toBe(first.checksum);
}

test("there are examples", () => {
  expect(rollouts.map(({ metadata }) => metadata.name)).toEqual(["small", "waves", "gated", "there-and-back"]);
  expect([budgets.length, fragments.length]).toEqual([2, 1]);
});

test.each(fragments)("the fragment %# is a policy when laid over the smallest one", async ({ spec }) => {
  const { fleet } = shared;
  const small = rollouts.find(({ metadata }) => metadata.name === "small")!;
  const input = JSON.stringify({ ...small, metadata: { name: "fragment" }, spec: { ...small.spec, ...spec } });
  expect(await fleet.operator.cli(["rollout", "plan", "-f", "-"], { input })).toMatchObject({ code: 0, stderr: "" });
});

test.each(rollouts)("$metadata.name goes as it is written", async (document) => {
  const { fleet } = shared;
  showLogs(fleet);
  const { name } = document.metadata;
  for (const budget of budgets) await applyDocument(fleet, budget);
  expect(await fleet.operator.cli(["rollout", "plan", "-f", "-"], { input: JSON.stringify({ apiVersion: "treeline/v1", ...document }) })).toMatchObject({ code: 0 });
  await applyDocument(fleet, document);
  if (JSON.stringify(document.spec).includes('"approval":true')) {
    await fleet.operator.until(
      "a wave waits for its approval",
      () => fleet.operator.rollout(name),
      ({ waves }) => waves.some(({ state }) => state === "WAVE_STATE_AWAITING_APPROVAL"),
    );
    expect(await fleet.operator.cli(["rollout", "approve", name])).toMatchObject({ code: 1, stderr: expect.stringContaining("who created a rollout does not approve it") });
    const colleague = await fleet.operator.colleague("berta", "operator");
    await colleague.treeline("rollout", "approve", name);
    colleague.close();
  }
  const { state } = await fleet.operator.ended(name);
  if (document.spec["onFailure"] === "rollback") {
    expect(state).toBe("ROLLOUT_STATE_ROLLED_BACK");
    return expectFirst();
  }
  expect(state).toBe("ROLLOUT_STATE_COMPLETED");
  // For the next example, and because it must go after the end, too.
  await fleet.operator.treeline("rollout", "rollback", name, "--reason", "the next example begins on 1.0");
  await fleet.operator.until(
    `${name} is rolled back`,
    () => fleet.operator.rollout(name),
    (rollout) => rollout.state === "ROLLOUT_STATE_ROLLED_BACK",
  );
  await expectFirst();
});
