import { execFileSync } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silentLogger } from "@treeline/process";
import { expect, it } from "vitest";
import { gone, recordingLogger, script, withFirstInPath } from "../checks/test-programs.ts";
import { temporaryDirectory } from "../test-fleet.ts";
import { heldBy } from "./held-by.ts";
import { blocksReboot, parseInhibitors } from "./inhibitors.ts";
import { logindCanRun, startLogind } from "./test-logind.ts";

const lockOnly = (lockFile: string) => heldBy({ lockFile, inhibitors: false, logger: silentLogger });

it("is held by nobody without a lock file", async () => {
  await using root = await temporaryDirectory();
  expect(await lockOnly(join(root.path, "missing/lock"))).toEqual([]);
});

it("is held by a lock file, whose first line is the reason", async () => {
  await using root = await temporaryDirectory();
  const lock = join(root.path, "lock");
  await writeFile(lock, "backup until 04:00\nsecond line\n");
  expect(await lockOnly(lock)).toEqual([`the update lock ${lock}: backup until 04:00`]);
  await writeFile(lock, "");
  expect(await lockOnly(lock)).toEqual([`the update lock ${lock}`]);
});

it("takes a bounded, printable part of the reason", async () => {
  await using root = await temporaryDirectory();
  const lock = join(root.path, "l");
  await writeFile(lock, `\u001b[2Jred\talert ${"x".repeat(100_000)}`);
  const [holder = ""] = await lockOnly(lock);
  expect(holder).toContain(" [2Jred alert xxx");
  expect(holder.length).toBe(200);
});

it("is held by whatever stands at the lock's path, and waits for no pipe", async () => {
  await using root = await temporaryDirectory();
  const [pipe, folder, link] = ["pipe", "folder", "link"].map((name) => join(root.path, name)) as [string, string, string];
  execFileSync("mkfifo", [pipe]);
  await mkdir(folder);
  await symlink("/no/such/file", link);
  for (const lock of [pipe, folder, link]) expect(await lockOnly(lock)).toEqual([`the update lock ${lock}`]);
});

/** Debian 12, systemd 252. */
const captured =
  '{"type":"a(ssssuu)","data":[[["shutdown","delayer","d","delay",0,13],["shutdown:sleep","backup","nightly \\"dump\\" é","block",0,12],["sleep","sleeper","s","block",0,14]]]}\n';

it("reads logind's answer, and counts only what forbids a reboot", () => {
  const inhibitors = parseInhibitors(captured);
  expect(inhibitors).toHaveLength(3);
  expect(inhibitors.filter(blocksReboot)).toEqual([{ what: ["shutdown", "sleep"], who: "backup", why: 'nightly "dump" é', mode: "block", pid: 12 }]);
  expect(parseInhibitors('{"type":"a(ssssuu)","data":[[]]}')).toEqual([]);
  const weak = { what: ["shutdown"], who: "", why: "", mode: "block-weak", pid: 1 };
  expect(blocksReboot(weak)).toBe(true);
  expect(blocksReboot({ ...weak, what: ["sleep", "handle-power-key"] })).toBe(false);
});

it.each(["", "[]", '{"type":"s","data":["x"]}', '{"type":"a(ssssuu)","data":[[["shutdown","who"]]]}'])("does not take %j for logind's answer", (text) => {
  expect(() => parseInhibitors(text)).toThrow();
});

/** heldBy with this program as the host's busctl. */
async function withBusctl(text: string) {
  const root = await temporaryDirectory();
  await script(join(root.path, "busctl"), text.replaceAll("ROOT", root.path));
  const { logger, lines } = recordingLogger();
  const holders = await withFirstInPath(root.path, () => heldBy({ lockFile: join(root.path, "missing"), inhibitors: true, logger }));
  return { holders, levels: lines.map(({ level }) => level), root, [Symbol.asyncDispose]: () => root[Symbol.asyncDispose]() };
}

it("has no inhibitor locks where there is no bus, and says so only to who asks for details", async () => {
  await using host = await withBusctl('echo "Failed to connect to bus: No such file or directory" >&2; exit 1');
  expect(host).toMatchObject({ holders: [], levels: ["debug"] });
});

it.each([
  ["logind is ill", 'echo "Call failed: Connection timed out" >&2; exit 1'],
  ["it says something else", "echo '{\"type\":\"b\",\"data\":[true]}'"],
  ["it does not stop talking", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"],
])("is held by nobody, with a warning, when %s", async (_, text) => {
  await using host = await withBusctl(text);
  expect(host).toMatchObject({ holders: [], levels: ["warn"] });
});

it("cuts off a busctl that hangs: it holds nothing, with a warning", async () => {
  await using host = await withBusctl("echo $$ > ROOT/pid; exec sleep 600");
  expect(host).toMatchObject({ holders: [], levels: ["warn"] });
  await gone(Number(await readFile(join(host.root.path, "pid"), "utf8")));
}, 30_000);

it("names ten holders and counts the rest", async () => {
  const locks = Array.from({ length: 12 }, (_, index) => ["shutdown", `user${index}`, "why", "block", 0, index]);
  await using host = await withBusctl(`echo '${JSON.stringify({ type: "a(ssssuu)", data: [locks] })}'`);
  expect(host.holders).toHaveLength(11);
  expect(host.holders[0]).toBe("inhibitor lock of user0 (process 0): why");
  expect(host.holders.at(-1)).toBe("and 2 more");
});

it.skipIf(!logindCanRun())("is held by a lock that the real logind has", async () => {
  await using logind = await startLogind();
  await using root = await temporaryDirectory();
  const { logger, lines } = recordingLogger();
  const held = (inhibitors: boolean) => heldBy({ lockFile: join(root.path, "lock"), inhibitors, logger });
  expect(await held(true)).toEqual([]);
  await logind.inhibit({ mode: "delay", what: "shutdown", who: "delayer", why: "a moment" });
  await logind.inhibit({ mode: "block", what: "sleep", who: "sleeper", why: "awake" });
  expect(await held(true)).toEqual([]);
  await logind.inhibit({ mode: "block", what: "sleep:shutdown", who: "backup", why: "nightly dump" });
  expect(await held(true)).toEqual([expect.stringMatching(/^inhibitor lock of backup \(process \d+\): nightly dump$/)]);
  await writeFile(join(root.path, "lock"), "by hand\n");
  expect(await held(true)).toHaveLength(2);
  expect(await held(false)).toHaveLength(1);
  expect(lines).toEqual([]);
}, 30_000);
