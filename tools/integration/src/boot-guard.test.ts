import { readFile, rm, writeFile } from "node:fs/promises";
import type { Release } from "@treeline/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GuardedHost, GuardedHosts, guardProgram, guardWith, patience, startsAgent, stateFile } from "./guarded-host.ts";
import { soon } from "./hold-point.ts";
import { deploymentsOf } from "./readings.ts";

let hosts: GuardedHosts;
let base: Release;
/** Its agent starts, and proves nothing. */
let silent: Release;
/** Its agent does not start at all. */
let broken: Release;

beforeAll(async () => {
  hosts = await GuardedHosts.open();
  base = await hosts.release("1");
  silent = await hosts.release("2");
  broken = await hosts.release("3", {});
  modern = await hosts.release("4", await guardWith(modernOstree));
  lockedOut = await hosts.release("6", await guardWith(`ostree() { command ostree "$@" | sed "s/ (staged)/ (finalization locked)/"; }`));
  stuck = await hosts.release("5", { ...startsAgent, "usr/lib/treeline/set-default.py": "import sys\nsys.exit('error: out of order')\n" });
});
afterAll(() => hosts.close());

/** Takes another way to change the default: asks an ostree that has `admin set-default`. */
let modern: Release;
/** Its ostree says of a staged deployment what newer ones do. */
let lockedOut: Release;
/** Cannot change the default. */
let stuck: Release;

// An ostree with that command, as newer ones have: it does not know of staged deployments, so they must be gone first.
const modernOstree = `ostree() {
  case "$1 $2" in
    "admin --help") command ostree admin --help; echo "  set-default        Make deployment INDEX the default" ;;
    "admin set-default")
      echo "set-default $3" >>/var/lib/asked
      set -- $(command ostree admin status | grep -oE "^[* ] fleetos \\S+( .staged.)?" | sed -n "$(($3 + 1))p")
      [ "$1" != "*" ] || shift
      [ $# = 2 ] || return 1
      unshare --mount /usr/bin/python3 /usr/lib/treeline/set-default.py / fleetos "\${2%.*}" "\${2#*.}" ;;
    "admin undeploy") echo "undeploy $3" >>/var/lib/asked; command ostree "$@" ;;
    *) command ostree "$@" ;;
  esac
}`;

const name = ({ checksum }: Release, serial = 0): string => `${checksum}.${serial}`;
const atOnce = { files: { "/etc/treeline/boot-guard-deadline": "1\n" } };

/** The host came back to the base: with the /etc it had there, and the guard's account of it. */
async function expectReturned(host: GuardedHost, from: Release, account: { readonly boots: string; readonly because: string }): Promise<void> {
  expect(host.booted()).toBe(name(base));
  expect(await host.state("returned")).toMatchObject({ from: name(from), to: name(base), ...account });
  expect(await host.shell("cat /etc/local.conf")).toBe("mine\n");
  expect((await deploymentsOf(host.machine)).map(({ checksum }) => checksum)).toEqual([base.checksum, from.checksum]);
}

describe.concurrent("a release that never proves itself", () => {
  test("is left at its third boot before its agent is started; nothing is left after that, not even the release when it is booted again by hand", async () => {
    await using host = await hosts.host(base);
    const { machine } = host;
    await host.upgrade(base, silent);
    await machine.waitForAgent(2, patience);
    expect(await host.state("boots")).toMatchObject({ deployment: name(silent), count: "1", boot: machine.bootId() });
    await host.guard("start");
    expect(await host.state("boots")).toMatchObject({ count: "1" });
    await host.rebootOn(1);
    expect(host.booted()).toBe(name(silent));
    expect(await host.state("boots")).toMatchObject({ count: "2", boot: machine.bootId() });
    expect(await host.state("returned")).toBeUndefined();

    await machine.reboot(patience);
    await machine.waitForAgent(4, patience);
    await expectReturned(host, silent, { boots: "3", because: "boots" });
    // Base, two boots of the release, base again: at the third boot of the release it was not started.
    expect(machine).toMatchObject({ bootCount: 5, agentStarts: 4 });
    expect(host.console()).toContain("was booted 3 times and has not proved itself: going back to");

    await host.rebootOn(3);
    expect(host.booted()).toBe(name(base));
    await host.shell(`unshare --mount /usr/bin/python3 /usr/lib/treeline/set-default.py / fleetos ${silent.checksum} 0`);
    await host.rebootOn(4);
    expect(host.booted()).toBe(name(silent));
    await host.guard("deadline");
    expect(await host.state("returned")).toMatchObject({ boots: "3", left: "yes" });
  });

  test("is left at the deadline of its first boot, although its agent never starts", async () => {
    await using host = await hosts.host(base, atOnce);
    await host.upgrade(base, broken);
    await host.machine.waitForBoot(3, patience);
    await host.machine.waitForAgent(3, patience);
    await expectReturned(host, broken, { boots: "1", because: "deadline" });
    expect(host.console().match(/the agent runs/g)).toHaveLength(2);
    // Deadlines go by on the base.
    await host.shell("sleep 2.5");
    expect(host.machine.bootCount).toBe(3);
  });
});

describe.concurrent("what is not watched stays for ever", () => {
  test("a proven deployment: over boots and deadlines, with the order still there, and under a new order for the same commit", async () => {
    await using host = await hosts.host(base);
    await host.arm({ target: silent.checksum, base: name(base) });
    const order = await readFile(host.stateFile("armed"));
    await host.upgrade(base, silent);
    expect(await host.guard("disarm", name(silent))).toMatchObject({ code: 0 });
    expect([await host.state("armed"), await host.state("boots"), await host.state("proven")]).toEqual([undefined, undefined, { deployment: name(silent) }]);
    // The power went before the order was removed.
    await writeFile(host.stateFile("armed"), order);
    await host.shell("mkdir -p /etc/treeline && echo 1 >/etc/treeline/boot-guard-deadline");
    await host.rebootOn(3);
    await host.shell("sleep 1.5");
    await host.arm({ target: silent.checksum, base: name(base), earlier: "0" });
    await host.rebootOn(3);
    expect(await host.guard("decide", "deadline")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^inert: /) });
    expect(host.booted()).toBe(name(silent));
    expect(host.machine.bootCount).toBe(8);
  });

  test("what somebody deployed without an order, what was there before the order, and what another order names", async () => {
    await using host = await hosts.host(base, atOnce);
    await host.stage(silent);
    await host.rebootOn(4);
    await host.shell("sleep 1.5");
    expect([host.booted(), host.machine.bootCount]).toEqual([name(silent), 5]);
    expect(await host.state("boots")).toBeUndefined();

    await host.arm({ target: silent.checksum, base: name(base), earlier: "0,4" });
    await host.rebootOn(4);
    await host.arm({ target: broken.checksum, base: name(silent) });
    await host.rebootOn(4);
    await host.shell("sleep 1.5");
    expect([host.booted(), host.machine.bootCount]).toEqual([name(silent), 13]);
    expect(await host.state("boots")).toBeUndefined();
  });
});

describe.concurrent("where to go back to", () => {
  test("nowhere: the release stays, whatever the boots, and the console says what to do; it can still prove itself", async () => {
    await using host = await hosts.host(base);
    await host.upgrade(base, silent);
    await host.shell("ostree admin undeploy 1");
    await host.rebootOn(3);
    expect([host.booted(), host.machine.bootCount]).toEqual([name(silent), 5]);
    expect(await host.state("returned")).toBeUndefined();
    expect(host.console()).toContain("is gone and there is nothing to go back to. Look at the release");
    expect(await host.guard("deadline")).toMatchObject({ code: 0 });
    expect(await host.guard("disarm", name(silent))).toMatchObject({ code: 0 });
    expect(await host.guard("decide", "start")).toMatchObject({ stdout: "inert: nothing is armed\n" });
  });

  test("another deployment of the base's commit when its serial is gone, and not one that is only staged", async () => {
    await using host = await hosts.host(base);
    await host.upgrade(base, silent, { base: name(base, 7) });
    expect(await host.guard("decide", "deadline")).toMatchObject({ stdout: expect.stringContaining(`back to=${name(base)} because=deadline`) });
    await host.shell("ostree admin undeploy 1");
    await host.stage(base);
    expect(await host.guard("decide", "deadline")).toMatchObject({ stdout: expect.stringMatching(/^stay: /) });
  });

  test("by `admin set-default` where ostree has it, past a staged deployment of the order's target", async () => {
    await using host = await hosts.host(base);
    await host.upgrade(base, modern);
    await host.stage(modern);
    const again = host.machine.waitForBoot(3, patience);
    await host.guard("deadline");
    await again;
    expect(await host.shell("cat /var/lib/asked")).toBe("undeploy 0\nset-default 1\n");
    await expectReturned(host, modern, { boots: "1", because: "deadline" });
  });

  test("a staged one of the order's target goes, where the way leads through libostree, too", async () => {
    await using host = await hosts.host(base);
    await host.upgrade(base, silent);
    await host.stage(silent);
    const again = host.machine.waitForBoot(3, patience);
    await host.guard("deadline");
    await again;
    await expectReturned(host, silent, { boots: "1", because: "deadline" });
  });

  test("a default that cannot be changed is said so, nothing is claimed, and the release may still prove itself", async () => {
    await using host = await hosts.host(base);
    await host.upgrade(base, stuck);
    expect(await host.guard("deadline")).toMatchObject({ code: 1, stderr: expect.stringMatching(/out of order[^]*could not be made the default[^]*By hand: /) });
    expect(await host.state("returned")).toBeUndefined();
    await host.rebootOn(2);
    expect([host.booted(), host.machine.bootCount]).toEqual([name(stuck), 4]);
    expect(await host.state("boots")).toMatchObject({ count: "3" });
    expect(await host.guard("disarm", name(stuck))).toMatchObject({ code: 0 });
    await host.rebootOn(2);
    expect(host.booted()).toBe(name(stuck));
  });
});

describe.concurrent("somebody else's deployment that waits for its boot", () => {
  test("is left staged, and recorded; it boots next, and the guard does nothing there", async () => {
    await using host = await hosts.host(base);
    await host.upgrade(base, silent);
    await host.stage(broken);
    expect(await host.guard("decide", "deadline")).toMatchObject({ stdout: expect.stringMatching(`^yield next=${name(broken)} because=deadline: `) });
    expect(await host.guard("deadline")).toMatchObject({ code: 0, stderr: expect.stringMatching(/this host does not go back\. Boot that, or take it back/) });
    // Nor by whoever asks libostree without asking what is staged.
    expect(await host.machine.exec(["unshare", "--mount", "/usr/bin/python3", "/usr/lib/treeline/set-default.py", "/", "fleetos", base.checksum, "0"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${name(broken)} is staged and would be dropped`),
    });
    expect((await deploymentsOf(host.machine)).map(({ checksum }) => checksum)).toEqual([broken.checksum, silent.checksum, base.checksum]);
    expect(await host.state("returned")).toBeUndefined();
    const account = { from: name(silent), next: name(broken), boots: "1", because: "deadline" };
    expect(await host.state("stayed")).toEqual(account);
    expect(JSON.parse(await host.shell(`${guardProgram} status --json`))).toMatchObject({ returned: null, stayed: { ...account, boots: 1 }, damaged: [] });

    await host.machine.reboot(patience);
    await host.machine.waitForBoot(3, patience);
    expect(host.booted()).toBe(name(broken));
    await host.guard("start");
    await host.guard("deadline");
    expect([host.booted(), host.machine.bootCount]).toEqual([name(broken), 3]);
    // For the agent that will start there one day: what it reports, until it says that there is nothing to watch.
    expect(await host.state("stayed")).toEqual(account);
    await host.guard("disarm");
    expect([await host.state("armed"), await host.state("stayed")]).toEqual([undefined, undefined]);
  });

  test("taken back, it is in nobody's way; one that is not staged but the default stays that, at the third boot, too", async () => {
    await using host = await hosts.host(base);
    await host.upgrade(base, silent);
    await host.stage(broken);
    await host.guard("deadline");
    await host.shell("ostree admin undeploy 0");
    expect(await host.guard("decide", "deadline")).toMatchObject({ stdout: expect.stringMatching(/^back /) });
    // With other kernel arguments, perhaps.
    await host.stage(base);
    expect(await host.guard("decide", "deadline")).toMatchObject({ stdout: expect.stringMatching(`^yield next=${name(base, 1)} `) });
    await host.shell("ostree admin undeploy 0");
    // A new boot counts anew, and nothing is told of the one before.
    await host.rebootOn(1);
    expect([await host.state("stayed"), await host.state("boots")]).toMatchObject([undefined, { count: "2" }]);
    await host.shell(`ostree pull-local --repo=/ostree/repo /run/repo ${broken.checksum} && ostree refs --force --create=byhand ${broken.checksum}`);
    await host.shell("ostree admin deploy --retain byhand");
    await host.writeState("boots", [`deployment=${name(silent)}`, "count=2", "boot=another"]);
    expect(await host.guard("start")).toMatchObject({ code: 0, stderr: expect.stringContaining("was booted 3 times and has not proved itself, but") });
    expect(await host.state("stayed")).toMatchObject({ next: name(broken), because: "boots" });
    expect((await deploymentsOf(host.machine))[0]).toMatchObject({ checksum: broken.checksum });
    await host.shell("ostree admin undeploy 0");
    const again = host.machine.waitForBoot(4, patience);
    await host.guard("deadline");
    await again;
    await expectReturned(host, silent, { boots: "3", because: "deadline" });
    expect(await host.state("stayed")).toBeUndefined();
  });

  test("counts as staged, too, when newer ostree says that its finalization is locked", async () => {
    await using host = await hosts.host(base);
    await host.upgrade(base, lockedOut);
    await host.stage(broken);
    await host.guard("deadline");
    expect(await host.state("stayed")).toMatchObject({ next: name(broken) });
    expect((await deploymentsOf(host.machine)).map(({ checksum }) => checksum)).toEqual([broken.checksum, lockedOut.checksum, base.checksum]);
    // The base's own commit, so shown: no place to go back to, and not in the way.
    await host.shell("ostree admin undeploy 0 && ostree admin undeploy 1");
    await host.stage(base);
    expect(await host.guard("decide", "deadline")).toMatchObject({ stdout: expect.stringMatching(/^stay: /) });
  });
});

describe.concurrent("damaged files", () => {
  test("an order, an account and proofs that do not add up are set aside, and nothing is done because of them", async () => {
    await using host = await hosts.host(base);
    await host.upgrade(base, silent);
    const sound = await readFile(host.stateFile("armed"), "utf8");
    await host.writeState("boots", [`deployment=${name(silent)}`, "count=2", "boot=x"]);
    await writeFile(host.stateFile("armed"), sound.replace("number=1", "number=2"));
    await host.rebootOn(1);
    expect([host.booted(), host.machine.bootCount]).toEqual([name(silent), 3]);
    expect(host.console()).toContain("armed is damaged: nothing is done because of it");
    expect(await readFile(host.stateFile("armed.damaged"), "utf8")).toContain("number=2");
    expect(await host.state("armed")).toBeUndefined();

    // Nothing was done because of the order, so the boots still stand at 2; with all of these damaged it is the first.
    await writeFile(host.stateFile("armed"), sound);
    for (const file of ["boots", "returned", "proven"]) await writeFile(host.stateFile(file), stateFile(["count=2"]).slice(0, -1));
    await host.rebootOn(1);
    expect([host.booted(), host.machine.bootCount]).toEqual([name(silent), 4]);
    expect(await host.state("boots")).toMatchObject({ count: "1" });
    expect(await host.shell("ls /var/lib/treeline/guard")).toBe("armed\narmed.damaged\nboots\nboots.damaged\nproven.damaged\nreserve\nreturned.damaged\n");
    // Right sum, senseless content.
    await host.writeState("boots", [`deployment=${name(silent)}`, "count=02", "boot=x"]);
    await rm(host.stateFile("boots.damaged"));
    await host.rebootOn(1);
    expect(await host.state("boots")).toMatchObject({ count: "1" });
    expect(await host.shell(`${guardProgram} status --json`)).toContain('"damaged":[]');
  });
});

test.concurrent("a release that has filled the disk is left all the same", async () => {
  await using host = await hosts.host(base);
  await host.upgrade(base, silent);
  // The guard's directory on a file system of its own, without one free byte.
  await host.shell(`cd /var/lib/treeline && cp -a guard kept && mount -t tmpfs -o size=256k,mode=700 x guard && cp -a kept/. guard && ! cat /dev/zero >guard/full 2>/dev/null && ! echo x >guard/more`);
  const again = host.machine.waitForBoot(3, patience);
  await host.guard("deadline");
  await again;
  expect(host.booted()).toBe(name(base));
});

describe.concurrent("the lock", () => {
  test("a guard that had to wait reads everything again: what was proved meanwhile stays", async () => {
    await using host = await hosts.host(base);
    await host.upgrade(base, silent);
    // The agent at work, with the lock in hand.
    await host.shell("mkdir -p /run/treeline; (flock --exclusive 9; : >/run/held; while [ -e /run/held ]; do sleep 0.1; done) 9>>/run/treeline/host.lock >/dev/null 2>&1 &");
    await soon("the lock is held", async () => (await host.machine.exec(["test", "-e", "/run/held"])).code === 0);
    const deadline = host.guard("deadline");
    await soon("the guard waits for it", async () => (await host.machine.exec(["pgrep", "--full", "flock --exclusive --timeout"])).code === 0);
    await rm(host.stateFile("armed"));
    await host.shell("rm /run/held");
    expect(await deadline).toMatchObject({ code: 0 });
    expect(await host.state("returned")).toBeUndefined();
    expect(host.machine.bootCount).toBe(2);
  });
});
