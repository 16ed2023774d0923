import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExtendedResources } from "@treeline/fleet";
import { silentLogger } from "@treeline/process";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../test-fleet.ts";
import { ResourceWatch } from "./resources.ts";
import { recordingLogger } from "./test-programs.ts";

const first = { rollout: "r1", number: 1 };
const second = { rollout: "r1", number: 2 };
const signal = new AbortController().signal;

/** A host whose resources the test sets; undefined: nobody can read them. */
async function host(resources: ExtendedResources | undefined) {
  const root = await temporaryDirectory();
  const state = { resources, reads: 0 };
  const source = {
    read: () => {
      state.reads++;
      return state.resources === undefined ? Promise.reject(new Error("kubelet does not answer")) : Promise.resolve(state.resources);
    },
  };
  const open = (logger = silentLogger) => new ResourceWatch({ stateDirectory: root.path, source, logger });
  /** As after another start of the agent. */
  const result = async (timeoutMillis = 100) => (await open().check(timeoutMillis))?.run(signal);
  return { state, open, result, path: join(root.path, "resources.json"), [Symbol.asyncDispose]: () => root[Symbol.asyncDispose]() };
}

it("says nothing before an attempt, and after it", async () => {
  await using it = await host({ "vendor.com/gpu": 2 });
  expect(await it.open().check(100)).toBeUndefined();
  await it.open().remember(first, signal);
  expect(await it.open().check(100)).toMatchObject({ name: "extended-resources", required: true });
  await it.open().forget();
  await it.open().forget();
  expect(await it.open().check(100)).toBeUndefined();
});

it("passes when nothing is lost, and fails when something is, across a start of the agent", async () => {
  await using it = await host({ "vendor.com/gpu": 2 });
  await it.open().remember(first, signal);
  it.state.resources = { "vendor.com/gpu": 3, "vendor.com/nic": 1 };
  expect(await it.result()).toEqual({ passed: true, output: "" });
  it.state.resources = { "vendor.com/gpu": 1 };
  expect(await it.result()).toMatchObject({ passed: false, output: expect.stringMatching(/^lost: vendor\.com\/gpu: 2 -> 1 \(/) as string });
});

it("keeps what was there before the first drain of an attempt, and reads anew for the next attempt", async () => {
  await using it = await host({ "vendor.com/gpu": 2 });
  await it.open().remember(first, signal);
  it.state.resources = {};
  await it.open().remember(first, signal);
  expect(await it.result()).toMatchObject({ passed: false });
  await it.open().remember(second, signal);
  expect(await it.open().check(100)).toBeUndefined();
});

it("gives what offers the resources its time after a boot", async () => {
  await using it = await host({ "vendor.com/gpu": 2 });
  await it.open().remember(first, signal);
  it.state.resources = undefined;
  const running = it.result(600_000);
  await expect.poll(() => it.state.reads).toBe(2);
  it.state.resources = { "vendor.com/gpu": 2 };
  expect(await running).toEqual({ passed: true, output: "" });
});

it("fails when they cannot be read after the update, and misses none that could not be read before", async () => {
  await using it = await host({ "vendor.com/gpu": 2 });
  await it.open().remember(first, signal);
  it.state.resources = undefined;
  expect(await it.result()).toMatchObject({ passed: false, output: expect.stringContaining("cannot be read") as string });
  const { logger, warnings } = recordingLogger();
  await it.open(logger).remember(second, signal);
  expect(warnings()).toHaveLength(1);
  expect(await it.open().check(100)).toBeUndefined();
});

it.each(["", "{", '{"attempt":{"rollout":"r","number":1},"resources":{"vendor.com/gpu":"many"}}'])("does not count a record that it does not understand: %j", async (text) => {
  await using it = await host({ "vendor.com/gpu": 2 });
  await writeFile(it.path, text);
  const { logger, warnings } = recordingLogger();
  expect(await it.open(logger).check(100)).toBeUndefined();
  expect(warnings()).toHaveLength(1);
  await it.open().remember(first, signal);
  expect(JSON.parse(await readFile(it.path, "utf8"))).toEqual({ attempt: first, resources: { "vendor.com/gpu": 2 } });
});
