import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Hands } from "./hands.ts";

const program = path.join(import.meta.dirname, "../image/overlay/usr/lib/vm/hands");

/** A serial port with the program behind it that machines have behind theirs. */
let directory: string;
let port: Server;
let socket: Socket | undefined;
let machine: ChildProcess | undefined;
let hands: Hands;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "treeline-hands-"));
  const file = path.join(directory, "port");
  port = createServer((connection) => {
    socket = connection;
    boot();
  });
  hands = new Hands({ path: file, name: "atlas" });
  // Later than whoever connects to it, as QEMU is.
  setTimeout(() => port.listen(file), 100);
});
afterEach(async () => {
  hands.close();
  machine?.kill("SIGKILL");
  port.close();
  await rm(directory, { recursive: true });
});

function boot(): void {
  // On a pipe instead of a terminal stty complains: that is not the machine's answer.
  const child = spawn("bash", [program], { stdio: ["pipe", "pipe", "ignore"] });
  machine = child;
  socket!.on("data", (chunk) => child.stdin.write(chunk));
  child.stdin.on("error", () => {});
  child.stdout.on("data", (chunk: Buffer) => socket!.write(chunk));
}

test("a command's status and output come back, however it was written", async () => {
  expect(await hands.run("echo 'a \"b\" $HOME'; echo error >&2; exit 3")).toEqual({ status: 3, output: 'a "b" $HOME\nerror\n' });
  expect(await hands.run("true")).toEqual({ status: 0, output: "" });
});

test("answers belong to their commands, and a long one is cut", async () => {
  const [long, short] = await Promise.all([hands.run("head -c 100000 /dev/zero | tr '\\0' x"), hands.run("echo short")]);
  expect(long.output).toBe("x".repeat(48 * 1024));
  expect(short.output).toBe("short\n");
});

test("a command that a reboot overtakes is interrupted, and the next one is run after it", async () => {
  const begun = path.join(directory, "begun");
  const overtaken = expect(hands.run(`touch ${begun}; exec sleep 10`)).rejects.toMatchObject({ code: "interrupted", message: expect.stringContaining("rebooted before it answered") });
  while (!existsSync(begun)) await sleep(10);
  machine!.kill("SIGKILL");
  socket!.removeAllListeners("data");
  boot();
  await overtaken;
  expect(await hands.run("echo back")).toEqual({ status: 0, output: "back\n" });
});

test("a machine that is switched off answers nothing", async () => {
  const waiting = expect(hands.run("sleep 10")).rejects.toMatchObject({ code: "interrupted" });
  hands.close();
  await waiting;
  await expect(hands.run("true")).rejects.toMatchObject({ code: "off" });
});
