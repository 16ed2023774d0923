import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLogger, silentLogger } from "@treeline/process";
import type { GuardOrder } from "@treeline/upgrade";
import { expect, it, vi } from "vitest";
import { temporaryDirectory } from "../test-fleet.ts";
import { openGuard } from "./guard.ts";

const program = fileURLToPath(new URL("../../boot-guard/boot-guard", import.meta.url));
const commit = (digit: string): string => digit.repeat(64);
const order: GuardOrder = { attempt: { rollout: "spring-42.1", number: 3 }, target: commit("b"), earlierSerials: [0, 12], base: { checksum: commit("a"), serial: 1 } };

async function scene() {
  const directory = await temporaryDirectory();
  const state = join(directory.path, "guard");
  const lockFile = join(directory.path, "run/host.lock");
  const guard = openGuard({ program, directory: state, lockFile, logger: silentLogger });
  return { guard, state, lockFile, path: directory.path, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

it("reads back the order it gave, from a directory that is root's alone; disarmed, nothing is left of it", async () => {
  await using here = await scene();
  expect(await here.guard.read()).toEqual({});
  await here.guard.arm(order);
  expect(await here.guard.read()).toEqual({ armed: order });
  const without: GuardOrder = { ...order, earlierSerials: [] };
  await here.guard.arm(without);
  expect(await here.guard.read()).toEqual({ armed: without });
  await here.guard.disarm();
  expect(await here.guard.read()).toEqual({});
  expect(await readdir(here.state)).toEqual([]);
});

it("keeps what is proven over disarming and a new order, the newest 32 of it", async () => {
  await using here = await scene();
  const proven = async () => (await readFile(join(here.state, "proven"), "utf8")).split("\n").filter((line) => line.startsWith("deployment="));
  await here.guard.arm(order);
  await here.guard.disarm({ checksum: order.target, serial: 13 });
  await here.guard.disarm({ checksum: order.target, serial: 13 });
  await here.guard.disarm({ checksum: commit("c"), serial: 0 });
  expect(await proven()).toEqual([`deployment=${commit("b")}.13`, `deployment=${commit("c")}.0`]);
  // What is there already stays proven; a serial that is free again will be given to another deployment.
  await here.guard.arm({ ...order, earlierSerials: [13] });
  expect(await proven()).toEqual([`deployment=${commit("b")}.13`, `deployment=${commit("c")}.0`]);
  await here.guard.arm({ ...order, earlierSerials: [] });
  expect(await proven()).toEqual([`deployment=${commit("c")}.0`]);
  for (let serial = 1; serial <= 33; serial++) await here.guard.disarm({ checksum: commit("d"), serial });
  expect(await proven()).toHaveLength(32);
  expect((await proven()).at(0)).toBe(`deployment=${commit("d")}.2`);
});

it("an order it cannot keep is refused with the line and the reason, and the old one stands", async () => {
  await using here = await scene();
  await here.guard.arm(order);
  const bad: readonly (readonly [Partial<GuardOrder>, string])[] = [
    [{ attempt: { rollout: "two\nlines=1", number: 1 } }, "a line that is none of its own"],
    [{ attempt: { rollout: "r\nnumber=1", number: 1 } }, "two lines with number"],
    [{ attempt: { rollout: "$(reboot)", number: 1 } }, "rollout: "],
    [{ attempt: { rollout: "r", number: 1.5 } }, "number: "],
    [{ target: "b" }, "target: "],
    [{ earlierSerials: [-1] }, "earlier: "],
    [{ base: { checksum: commit("A"), serial: 0 } }, "base: "],
    [{ base: { checksum: order.target, serial: 1 } }, "earlier: the base is a deployment of the target"],
  ];
  for (const [change, reason] of bad) {
    await expect(here.guard.arm({ ...order, ...change })).rejects.toMatchObject({ code: "bad-order", retryable: false, message: expect.stringContaining(reason) });
  }
  expect(await here.guard.read()).toEqual({ armed: order });
});

it("reads the guard's own account of a way back, and is too late to disarm what it leaves", async () => {
  await using here = await scene();
  await here.guard.arm(order);
  const from = { checksum: order.target, serial: 1 };
  await writeFile(join(here.state, "returned"), summed([`from=${commit("b")}.1`, `to=${commit("a")}.1`, "boots=3", "because=boots", "left=no", "newer=key"]));
  expect(await here.guard.read()).toEqual({ armed: order, returned: { from, to: order.base, boots: 3, because: "boots" } });
  await expect(here.guard.disarm(from)).rejects.toMatchObject({ code: "gone-back", retryable: false });
  expect(await here.guard.read()).toHaveProperty("returned");
  await here.guard.disarm();
  expect(await here.guard.read()).toEqual({});
});

it("reads what kept the guard from going back, and it is over with the order", async () => {
  await using here = await scene();
  await here.guard.arm(order);
  const account = [`from=${commit("b")}.1`, `next=${commit("c")}.0`, "boots=1", "because=deadline"];
  for (const end of [() => here.guard.disarm({ checksum: order.target, serial: 1 }), () => here.guard.arm(order)]) {
    await writeFile(join(here.state, "stayed"), summed(account));
    expect(await here.guard.read()).toMatchObject({ stayed: { from: { checksum: order.target, serial: 1 }, next: { checksum: commit("c"), serial: 0 }, boots: 1, because: "deadline" } });
    await end();
    expect(await here.guard.read()).not.toHaveProperty("stayed");
  }
});

it("a damaged file counts as missing, whatever is wrong with it", async () => {
  await using here = await scene();
  await here.guard.arm(order);
  const sound = await readFile(join(here.state, "armed"), "utf8");
  const lines: string[] = [];
  const guard = openGuard({ program, directory: here.state, lockFile: here.lockFile, logger: createLogger({ name: "test", level: "warn", destination: { write: (line) => void lines.push(line) } }) });
  const damaged = [
    "",
    sound.slice(0, 100),
    sound.slice(0, -1),
    sound.replace("number=3", "number=4"),
    sound.replace("format=1", "format=2"),
    `${sound}${sound}`,
    sound.replace("number", "num\0ber"),
    "x".repeat(1_000_000),
    summed(["rollout=r", "number=x", `target=${commit("b")}`, "earlier=", `base=${commit("a")}.0`]),
  ];
  for (const text of damaged) {
    await writeFile(join(here.state, "armed"), text);
    expect(await guard.read()).toEqual({});
  }
  expect(lines).toHaveLength(damaged.length);
  expect(lines[0]).toContain("damaged");
  // The guard itself agrees, and sets each aside.
  for (const text of damaged) {
    await writeFile(join(here.state, "armed"), text);
    await guard.disarm();
    expect(await readdir(here.state)).toEqual(["armed.damaged"]);
    await rm(join(here.state, "armed.damaged"));
  }
});

it("says how it is not installed, and waits for whoever holds the lock no longer than the guard does", async () => {
  await using here = await scene();
  expect(await here.guard.installed()).toBe(true);
  const missing = openGuard({ program: join(here.path, "missing"), directory: here.state, logger: silentLogger });
  expect(await missing.installed()).toBe(false);
  expect(await openGuard({ program: here.path, logger: silentLogger }).installed()).toBe(false);
  await expect(missing.arm(order)).rejects.toMatchObject({ code: "not-installed", message: expect.stringContaining("guard.program") });
  // The real program, with less patience.
  const hasty = join(here.path, "hasty");
  await cp(program, hasty);
  await writeFile(hasty, (await readFile(hasty, "utf8")).replace("lock_patience=30", "lock_patience=1"));
  await chmod(hasty, 0o755);
  await mkdir(join(here.path, "run"));
  const holder = spawn("flock", [here.lockFile, "sleep", "1000"], { stdio: "ignore", detached: true });
  try {
    await vi.waitUntil(async () => (await held(here.lockFile)) === true);
    const guard = openGuard({ program: hasty, directory: here.state, lockFile: here.lockFile, logger: silentLogger });
    await expect(guard.arm(order)).rejects.toMatchObject({ code: "locked", retryable: true });
    expect(await guard.read()).toEqual({});
  } finally {
    process.kill(-holder.pid!, "SIGKILL");
  }
});

it("a disk that takes nothing more leaves the old order, and an error that says where", async () => {
  await using here = await scene();
  await here.guard.arm(order);
  // A directory in the way of the temporary file: what a full disk does, for root too.
  await mkdir(join(here.state, ".armed.new"));
  await expect(here.guard.arm({ ...order, earlierSerials: [5] })).rejects.toMatchObject({ code: "failed", message: expect.stringContaining(join(here.state, "armed")) });
  expect(await here.guard.read()).toEqual({ armed: order });
});

/** A file as the guard writes it. */
function summed(lines: readonly string[]): string {
  const text = ["format=1", ...lines, ""].join("\n");
  return `${text}sum=${createHash("sha256").update(text).digest("hex")}\n`;
}

async function held(lockFile: string): Promise<boolean> {
  const [status] = (await once(spawn("flock", ["--nonblock", lockFile, "true"], { stdio: "ignore" }), "exit")) as [number];
  return status === 1;
}
