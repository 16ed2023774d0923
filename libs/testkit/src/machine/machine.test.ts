import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { networkInterfaces, tmpdir, uptime } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { run, runOrThrow } from "../command.ts";
import { composeRelease, type Release } from "../release/release.ts";
import { appRootInMachine, checkoutRoot, createMachine, type MachineOptions, nodeInMachine } from "./create-machine.ts";
import type { Machine } from "./machine.ts";
import { machineNetwork } from "./network.ts";
import { pidNamespace, pidsInNamespace } from "./processes.ts";
import { removeSysroots } from "./sysroot.ts";

const isRoot = process.getuid?.() === 0;
const network = await machineNetwork();
const ref = "fleetos/stable";
const fixtures = path.join(import.meta.dirname, "fixtures");
/** The checkout's own, whatever runs these tests: it strips types. */
const node = path.join(checkoutRoot, "node_modules/node/bin/node");
const fixturesInMachine = path.join(appRootInMachine, path.relative(checkoutRoot, fixtures));
const reportingAgent = { argv: [nodeInMachine, `${fixturesInMachine}/reporting-agent.ts`], env: { GREETING: "hello" } };
const stageNewest = `ostree pull-local --repo=/ostree/repo /run/repo ${ref} && ostree admin deploy --stage ${ref}`;

let directory: string;
let repo: string;
let first: Release;
let second: Release;
let cutting: Release;
let made = 0;

/** Fresh, installed with `first`, with the releases' repository at /run/repo; the newest commit of `ref` is `second`. */
const machineWith = (options: Partial<MachineOptions> = {}): Promise<Machine> => {
  made += 1;
  const mounts = [{ source: repo, target: "/run/repo" }, ...(options.mounts ?? [])];
  return createMachine({ directory, name: `node-${made}`, repo, ref, commit: first.checksum, network, ...options, mounts });
};

async function shell(machine: Machine, script: string): Promise<string> {
  const { stdout, stderr, code } = await machine.exec(["/bin/bash", "-c", script]);
  expect({ script, code, stderr: code === 0 ? "" : stderr }).toEqual({ script, code: 0, stderr: "" });
  return stdout;
}

/** The lines of `ostree admin status` that name deployments, without the stateroot. */
const deployments = async (machine: Machine): Promise<readonly string[]> =>
  (await machine.adminStatus())
    .split("\n")
    .filter((line) => /[0-9a-f]{64}\.\d+/.test(line))
    .map((line) => line.replace(" fleetos ", " ").trim());

const inVar = (machine: Machine, file: string): Promise<string> => readFile(path.join(machine.varDirectory, "lib/treeline", file), "utf8");

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "treeline-machine-"));
  // The rootless test's user must get to its own part of it.
  await chmod(directory, 0o755);
  repo = path.join(directory, "repo");
  first = await composeRelease({ repo, ref, version: "1" });
  second = await composeRelease({ repo, ref, version: "2" });
  cutting = await composeRelease({ repo, ref: "fleetos/cutting", version: "3", files: { "usr/lib/treeline/network-cut": "" } });
});
afterAll(() => removeSysroots(directory));

describe("a boot", () => {
  let machine: Machine;
  beforeAll(async () => {
    const files = { "/etc/treeline/agent.yaml": "name: demo\n", "/var/lib/treeline/secret": { content: "s\n", mode: 0o600 } };
    machine = await machineWith({ payload: reportingAgent, files });
    await machine.powerOn();
  });
  afterAll(() => machine.destroy());

  test("runs the payload on Node inside the deployment, which ostree calls booted", async () => {
    const report = await vi.waitUntil(() => inVar(machine, "report.json").catch(() => undefined), { timeout: 60_000 });
    expect(JSON.parse(report)).toMatchObject({ node: expect.stringMatching(/^v24\./), greeting: "hello", bootId: machine.bootId() });
    expect((JSON.parse(report) as { readonly status: string }).status).toContain(`* fleetos ${first.checksum}.0`);
    expect((JSON.parse(report) as { readonly uptimeSeconds: number }).uptimeSeconds).toBeLessThanOrEqual(uptime() + 1);
    expect((JSON.parse(report) as { readonly uptimeSeconds: number }).uptimeSeconds).toBeGreaterThan(uptime() - 60);
    expect(machine).toMatchObject({ state: "running", bootCount: 1, booted: { checksum: first.checksum } });
  });

  test("shows the machine, not its host: name, machine id, kernel command line, processes, given files", async () => {
    expect(await shell(machine, "hostname")).toBe(`${machine.name}\n`);
    expect(await shell(machine, "cat /etc/machine-id")).toMatch(/^[0-9a-f]{32}\n$/);
    expect(await shell(machine, "cat /proc/cmdline")).toMatch(/^root=LABEL=root ostree=\/ostree\/boot\./);
    expect(await shell(machine, "cat /proc/1/cmdline | tr '\\0' ' '")).toContain("init.sh treeline-agent.service");
    expect(
      await shell(machine, "cat /etc/treeline/agent.yaml; stat -c %a /var/lib/treeline/secret; . /etc/os-release; echo $VERSION_ID"),
    ).toBe("name: demo\n600\n1\n");
    expect(await shell(machine, "getent hosts localhost | head -n 1; id -un; awk 'BEGIN { print 42 }'")).toMatch(
      /localhost[^]*\nroot\n42\n$/,
    );
    expect(machine.pathOutside("/etc/treeline/agent.yaml")).toContain(`${first.checksum}.0/etc/treeline/agent.yaml`);
  });

  test.runIf(isRoot)("has /usr, /sysroot, /boot and the checkout read-only, /etc and /var writable", async () => {
    const written = await shell(
      machine,
      `for d in /usr /sysroot /boot ${appRootInMachine} /etc /var /run /tmp; do touch $d/new 2>/dev/null && echo $d; done; true`,
    );
    expect(written).toBe("/etc\n/var\n/run\n/tmp\n");
  });

  test.runIf(isRoot)(
    "has a /boot that ostree cannot freeze, for it lies on the host's file system, and the other machines' too",
    async () => {
      // The kernel has no way to freeze these two. (Trying it where it works would stop the host.)
      expect(await shell(machine, "stat --file-system --format=%T /boot")).toMatch(/^(overlayfs|tmpfs)\n$/);
    },
  );

  test("leaves the payload nothing of the power supply: no variable, no file descriptor, no door to the host's network", async () => {
    const pid = await vi.waitUntil(() => machine.agentPid());
    const environment = readFileSync(`/proc/${String(pid)}/environ`, "utf8").split("\0");
    expect(environment).toContain("GREETING=hello");
    expect(environment.filter((entry) => entry.startsWith("MACHINE_"))).toEqual([]);
    expect(await runOrThrow("test", ["find", `/proc/${String(pid)}/fd`, "-lname", "net:*"])).toBe("");
    // Nor the pipe on which pid 1 tells the power supply what happens.
    const pipes = (owner: number) => readdirSync(`/proc/${owner}/fd`).map((fd) => readlinkOf(`/proc/${owner}/fd/${fd}`));
    const init = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${String(pid)}/status`, "utf8"))?.[1]);
    const told = readlinkOf(`/proc/${init}/fd/3`);
    expect(told).toMatch(/^(pipe|socket):/);
    expect(pipes(init)).toContain(told);
    expect(pipes(Number(pid))).not.toContain(told);
  });

  test("runs TypeScript of a workspace through the links npm makes", async () => {
    const checkout = path.join(directory, "checkout");
    await mkdir(path.join(checkout, "libs/greeting/src"), { recursive: true });
    await mkdir(path.join(checkout, "node_modules/@treeline"), { recursive: true });
    await symlink("../../libs/greeting", path.join(checkout, "node_modules/@treeline/greeting"));
    await writeFile(path.join(checkout, "package.json"), '{ "type": "module" }');
    await writeFile(
      path.join(checkout, "libs/greeting/package.json"),
      '{ "name": "@treeline/greeting", "type": "module", "exports": "./src/index.ts" }',
    );
    await writeFile(path.join(checkout, "libs/greeting/src/index.ts"), "export const greeting: string = `from ${process.version}`;\n");
    await writeFile(
      path.join(checkout, "main.ts"),
      'import { greeting } from "@treeline/greeting";\nconsole.log(greeting satisfies string);\n',
    );
    const other = await machineWith({ mounts: [{ source: checkout, target: "/run/checkout" }] });
    await other.powerOn();
    expect(await other.exec([nodeInMachine, "/run/checkout/main.ts"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^from v24\./),
    });
    await other.destroy();
  });

  test("has its Node keep what it compiled where this process's Node does, for the boots to come", async () => {
    const compiled = path.join(directory, "compiled");
    vi.stubEnv("NODE_COMPILE_CACHE", compiled);
    onTestFinished(() => void vi.unstubAllEnvs());
    const other = await machineWith({ payload: reportingAgent });
    await other.powerOn();
    await vi.waitUntil(() => inVar(other, "report.json").catch(() => undefined), { timeout: 60_000 });
    // Node writes when it ends.
    await other.powerOff();
    expect((await readdir(compiled, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())).not.toEqual([]);
    await other.destroy();
  });
});

describe("an upgrade", () => {
  test("staged inside is booted after a reboot: rollback listed, new boot id, /var kept, /etc merged; the way back boots the old one with its own /etc", async () => {
    const machine = await machineWith({ payload: reportingAgent });
    await machine.powerOn();
    const before = machine.bootId();
    // Before it has started, the agent cannot notice that it is told to stop.
    await vi.waitUntil(() => inVar(machine, "report.json").catch(() => undefined), { timeout: 60_000 });
    await shell(machine, `${stageNewest} && echo local > /etc/local.conf && echo kept > /var/lib/kept`);
    expect(await deployments(machine)).toEqual([`${second.checksum}.0 (staged)`, `* ${first.checksum}.0`]);

    await machine.reboot();
    expect(await deployments(machine)).toEqual([`* ${second.checksum}.0`, `${first.checksum}.0 (rollback)`]);
    expect(machine).toMatchObject({ bootCount: 2, booted: { checksum: second.checksum } });
    expect(machine.bootId()).not.toBe(before);
    expect(await shell(machine, "cat /proc/sys/kernel/random/boot_id")).toBe(`${machine.bootId()}\n`);
    expect(await shell(machine, "cat /etc/local.conf /var/lib/kept /etc/app.conf")).toBe("local\nkept\nrelease=2\n");
    expect(await inVar(machine, "told-to-stop")).toBe(before);

    await shell(machine, "echo bad > /etc/local.conf");
    await shell(machine, `unshare --mount /usr/bin/python3 ${fixturesInMachine}/set-default.py ${first.checksum}`);
    expect(await deployments(machine)).toEqual([`${first.checksum}.0 (pending)`, `* ${second.checksum}.0`]);
    await machine.reboot();
    expect(await deployments(machine)).toEqual([`* ${first.checksum}.0`, `${second.checksum}.0 (rollback)`]);
    expect(await shell(machine, "cat /etc/local.conf /etc/app.conf")).toBe("local\nrelease=1\n");
    await machine.destroy();
    expect(existsSync(machine.directory)).toBe(false);
  });

  test("staged and not finalized is lost in a power cut: the old one boots, and staging again works", async () => {
    const machine = await machineWith();
    await machine.powerOn();
    await shell(machine, `${stageNewest} && touch /run/here`);
    await machine.powerCut();
    expect(machine.state).toBe("off");
    await expect(machine.exec(["true"])).rejects.toMatchObject({ code: "machine-off" });

    await machine.powerOn();
    expect(await deployments(machine)).toEqual([`* ${first.checksum}.0`]);
    expect(await shell(machine, "ls /run/ostree; test ! -e /run/here")).toBe("");
    await shell(machine, stageNewest);
    await machine.powerOff();
    expect(machine).toMatchObject({ state: "off", bootCount: 2 });
    await machine.powerOn();
    expect(await deployments(machine)).toEqual([`* ${second.checksum}.0`, `${first.checksum}.0 (rollback)`]);
    await machine.destroy();
  });
});

describe("pid 1", () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await machineWith({ payload: reportingAgent });
    await machine.powerOn();
    await vi.waitUntil(() => inVar(machine, "report.json").catch(() => undefined), { timeout: 60_000 });
  });
  afterAll(() => machine.destroy());

  test("starts a killed agent again, after ending what it left running", async () => {
    const starts = machine.agentStarts;
    const child = (await inVar(machine, "child.pid")).trim();
    expect(await shell(machine, `cat /proc/${child}/comm`)).toBe("sleep\n");
    const pid = machine.agentPid();
    await machine.killAgent();
    await machine.waitForAgent(starts + 1);
    expect(machine.agentPid()).not.toBe(pid);
    expect(await machine.exec(["test", "-e", `/proc/${child}`])).toMatchObject({ code: 1 });
    expect(machine.bootCount).toBe(1);
  });

  test("stops and starts the agent for systemctl, which does not pretend about anything else", async () => {
    const systemctl = async (...argv: string[]) => {
      const { stdout, code } = await machine.exec(["systemctl", ...argv]);
      return [stdout.trim(), code];
    };
    expect(await systemctl("is-active", "treeline-agent.service")).toEqual(["active", 0]);
    const starts = machine.agentStarts;
    await machine.stopAgent();
    // Longer than pid 1 takes to start an agent that merely died.
    await machine.exec(["sleep", "1"]);
    expect(machine).toMatchObject({ agentStarts: starts });
    expect(machine.agentPid()).toBeUndefined();
    expect(await systemctl("is-active", "treeline-agent")).toEqual(["inactive", 3]);
    await machine.startAgent();
    await vi.waitUntil(() => machine.agentPid() !== undefined);
    expect(await systemctl("is-active", "sshd.service")).toEqual(["unknown", 4]);
    expect(await systemctl("stop", "sshd.service")).toEqual(["", 5]);
    expect(await systemctl("list-units", "--failed")).toEqual(["unknown", 1]);
    expect(await shell(machine, "cat /run/systemctl.log")).toContain("systemctl list-units --failed\n");
  });

  test("reboots and powers off for systemctl inside; a payload that ignores TERM does not stop it", async () => {
    const stubborn = await machineWith({ payload: { argv: ["/bin/bash", "-c", "trap '' TERM; while :; do sleep 1; done"] } });
    await stubborn.powerOn();
    await stubborn.waitForAgent(1);
    await stubborn.exec(["systemctl", "reboot"]);
    await stubborn.waitForBoot(2);
    await stubborn.waitForAgent(2);
    await stubborn.exec(["systemctl", "poweroff"]);
    await stubborn.waitForOff();
    expect(stubborn.bootCount).toBe(2);
    await stubborn.destroy();
  }, 30_000);
});

describe("the power supply", () => {
  test("says why a boot never reached init, and leaves the machine off", async () => {
    const machine = await machineWith({ mounts: [{ source: "/nonexistent/checkout", target: "/run/checkout" }] });
    await expect(machine.powerOn()).rejects.toMatchObject({
      code: "boot-failed",
      message: expect.stringContaining("/nonexistent/checkout"),
    });
    expect(machine.state).toBe("off");
    await rm(path.join(machine.sysroot, "boot/loader"));
    await expect(machine.powerOn()).rejects.toMatchObject({ code: "no-boot-entry" });
    await machine.destroy();
    await expect(machine.powerOn()).rejects.toMatchObject({ code: "destroyed" });
  });

  test.each(isRoot ? ["root", "nobody"] : ["nobody"])(
    "leaves no process, mount or cable when its own process, run by %s, is killed",
    async (user) => {
      const killed = path.join(directory, `killed-${user}`);
      await mkdir(killed);
      const drop = isRoot && user === "nobody" ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : ["env"];
      await (drop[0] === "setpriv" ? chown(killed, 65534, 65534) : Promise.resolve());
      // Both setpriv and env become Node: the holder is the machine's own parent.
      const argv = [...drop, node, path.join(fixtures, "hold-machine.ts"), killed, repo, ref];
      const holder = spawn(argv[0] ?? "", argv.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
      onTestFinished(() => void holder.kill("SIGKILL"));
      const [line] = (await once(holder.stdout, "data")) as [Buffer];
      const { init, cable } = JSON.parse(line.toString()) as { readonly init: number; readonly cable?: string };
      const namespace = pidNamespace(init) ?? "";
      expect(namespace).toMatch(/^pid:/);
      expect(namespace).not.toBe(pidNamespace(process.pid));
      expect(pidsInNamespace(namespace).length).toBeGreaterThanOrEqual(2);
      expect(cable !== undefined).toBe(network.kind === "own" && user === "root");

      holder.kill("SIGKILL");
      await once(holder, "exit");
      const survivors = async () => (await readdir("/proc")).filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(killed));
      await vi.waitUntil(() => pidsInNamespace(namespace).length === 0 && !Object.hasOwn(networkInterfaces(), cable ?? ""), {
        timeout: 10_000,
      });
      await vi.waitUntil(async () => (await survivors()).length === 0, { timeout: 60_000 });
      expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(directory);

      // The sysroot it left behind is full of immutable directories.
      await removeSysroots(killed);
      expect(existsSync(killed)).toBe(false);
    },
  );
});

function readlinkOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") + readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}

describe.skipIf(network.kind === "shared")(`a machine's own network (${network.reason ?? "available"})`, () => {
  const server = createServer((_request, response) => response.end("served"));
  let port: number;
  beforeAll(async () => {
    server.listen(0, "0.0.0.0");
    await once(server, "listening");
    port = (server.address() as { readonly port: number }).port;
  });
  afterAll(() => server.close());

  const fetchInside = async (machine: Machine): Promise<string> => {
    const script = `exec 5<>/dev/tcp/${machine.serverAddress}/${port} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&5 && timeout 5 tail -n 1 <&5`;
    const { stdout, stderr, code } = await machine.exec(["timeout", "5", "/bin/bash", "-c", script]);
    return code === 0 ? stdout : stderr;
  };

  test("reaches the host until the cable is out, over boots too, and again when it is back; two machines do not disturb each other", async () => {
    const [machine, other] = await Promise.all([machineWith(), machineWith()]);
    await Promise.all([machine.powerOn(), other.powerOn()]);
    const address = (one: Machine) => shell(one, "ip -o -4 address show dev eth0");
    expect(await address(machine)).not.toBe(await address(other));
    expect(await fetchInside(machine)).toBe("served");

    await machine.cutNetwork();
    expect(await fetchInside(machine)).toContain("Network is unreachable");
    expect(await fetchInside(other)).toBe("served");
    await machine.reboot();
    expect(await fetchInside(machine)).toContain("Network is unreachable");
    expect(await shell(machine, "(exec 5<>/dev/tcp/127.0.0.1/1) 2>&1 || true")).toContain("Connection refused");
    await machine.restoreNetwork();
    expect(await fetchInside(machine)).toBe("served");
    await Promise.all([machine.destroy(), other.destroy()]);
  });

  test("is down on a release that cuts it, whatever the cable does, and back on the release before", async () => {
    const machine = await machineWith({ ref: "fleetos/cutting", commit: cutting.checksum });
    await machine.powerOn();
    expect(await fetchInside(machine)).toContain("Network is unreachable");
    await machine.restoreNetwork();
    expect(await fetchInside(machine)).toContain("Network is unreachable");
    await shell(machine, stageNewest);
    await machine.reboot();
    expect(await fetchInside(machine)).toBe("served");
    await machine.destroy();
  });
});

test.runIf(isRoot)("without root a machine is installed, booted and upgraded all the same, on the host's network", async () => {
  const own = path.join(directory, "rootless");
  await mkdir(own);
  await chown(own, 65534, 65534);
  const argv = [node, path.join(fixtures, "rootless-upgrade.ts"), own];
  const { stdout, stderr, code } = await run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...argv], {
    env: { PATH: process.env["PATH"] ?? "", HOME: own, TMPDIR: own },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const result = JSON.parse(stdout) as { readonly status: string; readonly first: string; readonly second: string };
  expect(result).toMatchObject({
    uid: 65534,
    staged: 0,
    hasOwnNetwork: false,
    cut: "no-own-network",
    node: expect.stringMatching(/^v24\./),
  });
  expect(result.status).toMatch(new RegExp(`\\* fleetos ${result.second}\\.0[^]*fleetos ${result.first}\\.0 \\(rollback\\)`));
  expect((await readdir(own)).sort()).toEqual(["repo"]);
});

test.each([
  { options: { name: "no_host" }, subject: "name" },
  { options: { mounts: [{ source: "/tmp", target: "/usr/x" }] }, subject: "mounts[1].target" },
  { options: { files: { "/usr/lib/x": "" } }, subject: 'files["/usr/lib/x"]' },
])("$subject is refused and nothing is left behind", async ({ options, subject }) => {
  const before = await readdir(directory);
  await expect(machineWith(options)).rejects.toMatchObject({ code: "invalid-option", subject });
  expect(await readdir(directory)).toEqual(before);
});
