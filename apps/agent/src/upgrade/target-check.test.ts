import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { commitTree, initArchive } from "@treeline/ostree";
import { describe, expect, it } from "vitest";
import type { MustStart } from "../must-start.ts";
import { temporaryDirectory } from "../test-fleet.ts";
import { checkTarget, type TargetCheckOptions } from "./target-check.ts";
import { nothingMustStart } from "./test-host.ts";

/** What lies where: the text of a file, `-> target` for a link, null for what was taken away. Programs are what lies in a `bin`. */
type Files = Readonly<Record<string, string | null>>;

async function put(directory: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await rm(file, { recursive: true, force: true });
    if (content?.startsWith("-> ")) await symlink(content.slice(3), file);
    else if (content !== null) await writeFile(file, content);
    if (content !== null && /\/s?bin\/[^/]+$/.test(path) && !content.startsWith("-> ")) await chmod(file, 0o755);
  }
}

/** A host that runs one tree and has another, the release, in its repository: real commits. `root` is the host's own. */
async function scene() {
  const stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory()).path;
  const [repo, root] = [join(directory, "repo"), join(directory, "root")];
  for (const each of [repo, root, join(directory, "sysroot/boot")]) await mkdir(each, { recursive: true });
  await initArchive({ repo });
  let version = 0;
  return {
    root,
    /** Codes and subjects of what is found against a release. */
    async check(what: { readonly release: Files; readonly host?: Files; readonly mustStart: Partial<MustStart>; readonly keyrings?: readonly string[]; readonly mounted?: readonly string[] }) {
      const tree = join(directory, `tree-${++version}`);
      await put(tree, { "usr/lib/os-release": "ID=os\n", bin: "-> usr/bin", ...what.release });
      await put(root, what.host ?? {});
      const checksum = await commitTree({ repo, ref: "os", tree, version: String(version), bootable: false });
      const options: TargetCheckOptions = {
        ...{ repo, sysroot: join(directory, "sysroot"), os: { bootId: "b", deployments: [] }, checksum, stateDirectory: directory, root, keyrings: what.keyrings ?? [], mounted: what.mounted },
        ...{ mustStart: { ...nothingMustStart, ...what.mustStart }, signal: new AbortController().signal },
      };
      return (await checkTarget(options)).map(({ code, subject, reason }) => (code === "no-way-back-after-boot" ? `${code} ${reason}` : `${code} ${subject}`));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe("what a path is after the boot", () => {
  const release: Files = {
    "usr/lib/agent": "1",
    "usr/local": "-> ../var/usrlocal",
    "usr/etc/coming": "2",
    "usr/etc/both": "2",
    "usr/etc/deleted": "1",
    "var/inside": "of the commit",
    "opt/vendor": "x",
    "mnt/disk/below": "",
  };
  const host: Files = {
    "usr/lib/old": "", // It lies in the tree that runs, not in the commit.
    "usr/etc/shipped": "1",
    "etc/shipped": "1",
    "usr/etc/edited": "1",
    "etc/edited": "mine",
    "etc/local": "mine",
    "etc/direct": "-> /usr/lib/agent",
    "etc/dangling": "-> /usr/lib/old",
    "usr/etc/deleted": "1",
    "etc/kept": "x",
    "var/usrlocal/agent": "x",
    "mnt/disk/agent": "x",
    "mnt/other/agent": "",
    "opt/old": "",
  };
  it("/usr comes, /etc is merged, /var stays, and so does what is mounted", async () => {
    const there = [
      ...["/usr/lib/agent", "/usr/local/agent", "/etc/coming", "/etc/edited", "/etc/local", "/etc/direct", "/etc/kept"],
      ...["/var/usrlocal/agent", "/mnt/disk/agent", "/opt/vendor"],
    ];
    const gone = [
      ...["/usr/lib", "/usr/lib/old", "/usr/local/nothing", "/etc/shipped", "/etc/deleted", "/etc/dangling", "/etc/nothing"],
      ...["/var/inside", "/mnt/other/agent", "/opt/old"],
    ];
    await using machine = await scene();
    const paths = [...there, ...gone].map((path) => ({ what: "it", path, isRead: true }));
    expect(await machine.check({ release, host, mounted: ["/mnt/disk"], mustStart: { paths } })).toEqual(gone.map((path) => `not-started-after-boot ${path}`));
  });

  it("takes a file whose rights alone were changed for somebody's own", async () => {
    await using machine = await scene();
    const both = { "etc/mode": "1", "usr/etc/mode": "1" };
    const check = () => machine.check({ release: {}, mustStart: { paths: [{ what: "it", path: "/etc/mode", isRead: true }] } });
    await put(machine.root, both);
    expect(await check()).toEqual(["not-started-after-boot /etc/mode"]);
    await chmod(join(machine.root, "etc/mode"), 0o600);
    expect(await check()).toEqual([]);
  });
});

describe("units", () => {
  const unit = "agent.service";
  const text = "[Service]\nExecStart=/usr/bin/agent run\n";
  const mustStart = { units: [{ unit, path: "/usr/lib/systemd/system/agent.service", starts: [] }] };
  const lib = "usr/lib/systemd/system";
  /** What every distribution has. A server's /etc may say another default target. */
  const boot: Files = {
    [`${lib}/default.target`]: "-> graphical.target",
    [`${lib}/graphical.target`]: "[Unit]\nRequires=multi-user.target\nWants=display-manager.service\n",
    [`${lib}/multi-user.target`]: "[Unit]\nRequires=basic.target\n",
    [`${lib}/basic.target`]: "[Unit]\nRequires=sysinit.target\nWants=sockets.target timers.target \\\n  paths.target\n",
    [`${lib}/sysinit.target`]: "[Unit]\n",
    [`${lib}/timers.target`]: "[Unit]\n",
    [`${lib}/rescue.target`]: "[Unit]\n",
    [`${lib}/own.target`]: "[Unit]\n",
    [`${lib}/own@.service`]: "[Service]\nExecStart=/usr/bin/own\n[Unit]\nWants=other.service\n",
    [`${lib}/other.service`]: "[Unit]\nWants=own.target\n",
  };
  const without = (name: string): Files => ({ [`${lib}/${name}`]: null });
  const sound: Files = { [`${lib}/${unit}`]: text, "usr/bin/agent": "x" };
  const inUsr: Files = { [`${lib}/multi-user.target.wants/${unit}`]: `-> ../${unit}` };
  const inEtc: Files = { [`etc/systemd/system/multi-user.target.wants/${unit}`]: `-> /${lib}/${unit}` };
  const shippedEtc: Files = { [`usr/etc/systemd/system/multi-user.target.wants/${unit}`]: `-> /${lib}/${unit}` };
  const inOwn: Files = { [`${lib}/own.target.wants/${unit}`]: `-> ../${unit}` };
  const inGraphical: Files = { [`${lib}/graphical.target.wants/${unit}`]: `-> ../${unit}` };
  const serverDefault: Files = { [`${lib}/default.target`]: "-> multi-user.target" };
  const dropIn = (text: string): string => `[Service]\nExecStart=\n${text}`;
  const disabled = [`not-enabled-after-boot ${unit}`];

  it.each<[string, Files, Files, readonly string[]]>([
    ["not enabled today need not be then", {}, sound, []],
    ["enabled by the release", { ...inUsr }, { ...sound, ...inUsr }, []],
    ["enabled by the release in /etc", inEtc, { ...sound, ...shippedEtc }, []],
    ["enabled on this host", inEtc, sound, []],
    ["enabled by another unit of a boot", inUsr, { ...sound, [`${lib}/sysinit.target.requires/${unit}`]: `-> ../${unit}` }, []],
    ["enabled by the unit that does it today", { [`${lib}/own.target.wants/${unit}`]: "-> x" }, { ...sound, [`${lib}/own.target.wants/${unit}`]: "-> x" }, []],
    ["enabled by a unit that the release lacks", inOwn, { ...sound, ...inOwn, ...without("own.target") }, disabled],
    ["enabled on this host by a unit that the release lacks", { [`etc/systemd/system/own.target.wants/${unit}`]: `-> /${lib}/${unit}` }, { ...sound, ...without("own.target") }, disabled],
    ["enabled by a target that is masked", inUsr, { ...sound, ...inUsr, [`${lib}/multi-user.target`]: "-> /dev/null" }, disabled],
    ["enabled by graphical.target, which a boot reaches", inUsr, { ...sound, ...inGraphical }, []],
    ["enabled by graphical.target, and the release boots into another", inUsr, { ...sound, ...inGraphical, ...serverDefault }, disabled],
    ["enabled by graphical.target, and this host boots into another", { ...inUsr, [`etc/systemd/system/default.target`]: `-> /${lib}/multi-user.target` }, { ...sound, ...inGraphical }, disabled],
    ["enabled by graphical.target today, too, where no boot reaches it", { ...inGraphical, ...serverDefault }, { ...sound, ...inGraphical, ...serverDefault }, []],
    ["enabled by multi-user.target, and the release boots into it", inUsr, { ...sound, ...inUsr, ...serverDefault }, []],
    ["enabled in UNIT.upholds", inUsr, { ...sound, [`${lib}/multi-user.target.upholds/${unit}`]: `-> ../${unit}` }, []],
    ["enabled by a line of a target's text", inUsr, { ...sound, [`${lib}/multi-user.target`]: `[Unit]\nRequires=basic.target\nUpholds = x.service ${unit}\n` }, []],
    ["enabled by a line of a target's drop-in", inUsr, { ...sound, [`${lib}/multi-user.target.d/fleet.conf`]: `[Unit]\nWants=${unit}\n` }, []],
    ["enabled today by a line, and then by nothing", { [`etc/systemd/system/multi-user.target.d/fleet.conf`]: null, [`${lib}/timers.target.d/a.conf`]: `[Unit]\nWants=${unit}\n` }, sound, disabled],
    ["enabled by a target that a service asks for, and that an instance of another", inUsr, { ...sound, ...inOwn, [`${lib}/multi-user.target.wants/own@1.service`]: "-> ../own@.service" }, []],
    ["enabled through an alias of a target", inUsr, { ...sound, ...inOwn, [`${lib}/multi-user.target.wants/alias.target`]: "-> ../alias.target", [`${lib}/alias.target`]: "-> own.target" }, []],
    ["enabled under its alias", inUsr, { ...sound, [`${lib}/multi-user.target.wants/alias.service`]: "-> ../alias.service", [`${lib}/alias.service`]: `-> ${unit}` }, []],
    ["enabled by the target that /etc's default.target names, whose path the release has not", { ...inUsr, "etc/systemd/system/default.target": "-> /lib/systemd/system/multi-user.target" }, { ...sound, ...inUsr }, []],
    ["enabled where there is no default target", { ...inUsr, ...without("default.target") }, { ...sound, ...inUsr, ...without("default.target") }, []],
    ["enabled by nothing", inUsr, sound, disabled],
    ["enabled only by the /etc of the release that runs", { ...inEtc, ...shippedEtc }, sound, disabled],
    ["enabled by the release, and disabled on this host", { ...inUsr, ...shippedEtc }, { ...sound, ...shippedEtc }, disabled],
    ["enabled by what no boot starts", inUsr, { ...sound, [`${lib}/rescue.target.wants/${unit}`]: `-> ../${unit}` }, disabled],
    ["enabled for this boot alone", { [`run/systemd/system/multi-user.target.wants/${unit}`]: `-> /${lib}/${unit}` }, sound, []],
    ["enabled by what is no link", inUsr, { ...sound, [`${lib}/multi-user.target.wants/${unit}`]: "text" }, disabled],
    ["with its link masked in /etc", { ...inUsr, [`etc/systemd/system/multi-user.target.wants/${unit}`]: "-> /dev/null" }, { ...sound, ...inUsr }, []],
    ["with its link masked by the release", inUsr, { ...sound, ...inUsr, [`usr/etc/systemd/system/multi-user.target.wants/${unit}`]: "-> /dev/null" }, disabled],
    ["masked on this host", { ...inUsr, [`etc/systemd/system/${unit}`]: "-> /dev/null" }, { ...sound, ...inUsr }, disabled],
    ["masked by an empty file", inUsr, { ...sound, ...inUsr, [`${lib}/${unit}`]: "" }, disabled],
    ["masked by the release's /etc", inUsr, { ...sound, ...inUsr, [`usr/etc/systemd/system/${unit}`]: "-> /dev/null" }, disabled],
    ["masked for this boot alone", { ...inUsr, [`run/systemd/system/${unit}`]: "-> /dev/null" }, { ...sound, ...inUsr }, []],
    ["not there", inUsr, { ...inUsr }, [`not-started-after-boot ${unit}`]],
    ["a link to nothing", inUsr, { ...inUsr, [`${lib}/${unit}`]: "-> gone.service" }, [`not-started-after-boot ${unit}`]],
    ["moved by the release, with its program", { ...inEtc, [`etc/systemd/system/${unit}`]: null }, { ...sound, [`${lib}/${unit}`]: "[Service]\nExecStart=-/usr/libexec/bin/agent\n", "usr/libexec/bin/agent": "x" }, []],
    ["without its program", {}, { [`${lib}/${unit}`]: text }, ["not-started-after-boot /usr/bin/agent"]],
    ["with its program empty", {}, { ...sound, "usr/bin/agent": "" }, ["not-started-after-boot /usr/bin/agent"]],
    ["with its program not to be run", {}, { ...sound, [`${lib}/${unit}`]: "[Service]\nExecStart=/usr/lib/agent\n", "usr/lib/agent": "x" }, ["not-started-after-boot /usr/lib/agent"]],
    ["with a directory for its program", {}, { ...sound, "usr/bin/agent": null, "usr/bin/agent/x": "" }, ["not-started-after-boot /usr/bin/agent"]],
    ["with its program behind a link", {}, { ...sound, "usr/bin/agent": "-> ../libexec/bin/agent", "usr/libexec/bin/agent": "x" }, []],
    ["that names a program that systemd finds", {}, { ...sound, [`${lib}/${unit}`]: "[Service]\nExecStart=agent run\n" }, []],
    ["that names a program that systemd does not find", {}, { ...sound, [`${lib}/${unit}`]: "[Service]\nExecStart = gone run\n" }, ["not-started-after-boot gone"]],
    ["that starts nothing", {}, { ...sound, [`${lib}/${unit}`]: "[Service]\nType=notify\n" }, [`not-started-after-boot ${unit}`]],
    ["whose program a drop-in changes for one that is there", {}, { [`${lib}/${unit}`]: text, [`${lib}/${unit}.d/a.conf`]: dropIn("ExecStart=/usr/bin/new\n"), "usr/bin/new": "x" }, []],
    ["whose program a drop-in changes for one that is not", {}, { ...sound, [`${lib}/${unit}.d/a.conf`]: dropIn("ExecStart=/usr/bin/gone\n") }, ["not-started-after-boot /usr/bin/gone"]],
    ["whose program a drop-in takes away", {}, { ...sound, [`${lib}/service.d/a.conf`]: dropIn("") }, [`not-started-after-boot ${unit}`]],
    ["with such a drop-in masked on this host", { [`etc/systemd/system/${unit}.d/a.conf`]: "-> /dev/null" }, { ...sound, [`${lib}/${unit}.d/a.conf`]: dropIn("") }, []],
    ["with a later drop-in of this host", { [`etc/systemd/system/${unit}.d/b.conf`]: dropIn("ExecStart=/usr/bin/agent\n") }, { ...sound, [`${lib}/${unit}.d/a.conf`]: dropIn("") }, []],
    ["with an earlier drop-in of this host", { [`etc/systemd/system/${unit}.d/0.conf`]: dropIn("ExecStart=/usr/bin/gone\n") }, { ...sound, [`${lib}/${unit}.d/a.conf`]: dropIn("ExecStart=/usr/bin/agent\n") }, []],
    ["with the program that the host's own unit names", { [`etc/systemd/system/${unit}`]: "[Service]\nExecStart=/usr/lib/other\n" }, sound, ["not-started-after-boot /usr/lib/other"]],
  ])("%s", async (_, host, release, expected) => {
    await using machine = await scene();
    expect(await machine.check({ host: { ...boot, [`${lib}/${unit}`]: text, ...host }, release: { ...boot, ...release }, mustStart })).toEqual(expected);
  });
});

describe("programs", () => {
  const programs = [{ name: "unshare", package: "util-linux" }];
  it.each<[string, Files, readonly string[]]>([
    ["where PATH leads", { "usr/bin/unshare": "x" }, []],
    ["in another directory of PATH, behind a link", { "usr/lib/util/bin/unshare": "x", "usr/sbin/unshare": "-> ../lib/util/bin/unshare" }, []],
    ["a link to nothing", { "usr/bin/unshare": "-> busybox" }, ["tool-missing-after-boot unshare"]],
    ["not to be run", { "usr/bin/unshare/x": "", "usr/sbin/unshare": "-> ../lib/os-release" }, ["tool-missing-after-boot unshare"]],
    ["nowhere", {}, ["tool-missing-after-boot unshare"]],
  ])("%s", async (_, release, expected) => {
    await using host = await scene();
    expect(await host.check({ release, mustStart: { programs } })).toEqual(expected);
  });

  it("come from what is mounted over the tree, as long as that has them", async () => {
    await using host = await scene();
    const check = (mounted: readonly string[]) => host.check({ host: { "usr/bin/unshare": "x" }, release: {}, mounted, mustStart: { programs } });
    expect(await check(["/usr/bin"])).toEqual([]);
    expect(await check([])).toEqual(["tool-missing-after-boot unshare"]);
    await rm(join(host.root, "usr/bin/unshare"));
    expect(await host.check({ release: { "usr/bin/unshare": "x" }, mounted: ["/usr/bin"], mustStart: { programs } })).toEqual(["tool-missing-after-boot unshare"]);
  });

  it("gpg, too, where there will be a keyring", async () => {
    await using host = await scene();
    const keyrings = ["/usr/lib/treeline/gpg-keys.d", "/etc/treeline/gpg-keys.d"];
    const check = (release: Files, own: Files = {}) => host.check({ release, host: own, keyrings, mustStart: {} });
    expect(await check({ "usr/lib/treeline/gpg-keys.d/readme": "" })).toEqual([]);
    expect(await check({ "usr/lib/treeline/gpg-keys.d/a.asc": "" })).toEqual(["tool-missing-after-boot gpg"]);
    expect(await check({ "usr/etc/treeline/gpg-keys.d/a.gpg": "" })).toEqual(["tool-missing-after-boot gpg"]);
    expect(await check({}, { "etc/treeline/gpg-keys.d/a.asc": "" })).toEqual(["tool-missing-after-boot gpg"]);
    expect(await check({ "usr/bin/gpg": "x" })).toEqual([]);
  });
});

describe("the way back", () => {
  const script = "/usr/lib/treeline/set-default.py";
  const bindings: Files = {
    "usr/bin/python3": "-> python3.99",
    "usr/bin/python3.99": "x",
    "usr/lib/python3/dist-packages/gi/__init__.py": "",
    "usr/lib/girepository-1.0/OSTree-1.0.typelib": "",
    "usr/lib/treeline/set-default.py": "",
  };
  const old: Files = { "usr/bin/ostree": "\0undeploy\0" };
  const lacking = async (release: Files, of: string | undefined = script) => {
    await using host = await scene();
    const [finding] = await host.check({ release, mustStart: { wayBack: { script: of } } });
    return finding?.replace(/^no-way-back-after-boot .*bindings it lacks (.*): from it .*$/, "$1");
  };

  it("is the command of the release's own ostree", async () => {
    expect(await lacking({ "usr/bin/ostree": "\0set-default\0undeploy\0" })).toBeUndefined();
    expect(await lacking({ ...old })).toBe(`/usr/bin/python3, python's package gi, OSTree-1.0.typelib, ${script}`);
  });

  it("is libostree's bindings with the guard's script, or without where there need not be a guard", async () => {
    expect(await lacking({ ...old, ...bindings })).toBeUndefined();
    const without = ({ [`usr${script.slice(4)}`]: _, ...others }: Files) => others;
    expect(await lacking({ ...old, ...without(bindings) })).toBe(script);
    const noGuard = { ...old, ...without(bindings) };
    await using host = await scene();
    expect(await host.check({ release: noGuard, mustStart: { wayBack: { script: undefined } } })).toEqual([]);
  });

  it.each([
    ["usr/bin/python3.99", "/usr/bin/python3"],
    ["usr/lib/python3/dist-packages/gi/__init__.py", "python's package gi"],
    ["usr/lib/girepository-1.0/OSTree-1.0.typelib", "OSTree-1.0.typelib"],
  ])("lacks something without %s", async (path, lacks) => {
    const { [path]: _, ...others } = bindings;
    expect(await lacking({ ...old, ...others })).toBe(lacks);
  });

  it("finds the bindings of another version of python", async () => {
    const { "usr/lib/python3/dist-packages/gi/__init__.py": module = "", ...others } = bindings;
    expect(await lacking({ ...old, ...others, "usr/lib64/python3.99/site-packages/gi/__init__.py": module })).toBeUndefined();
    expect(await lacking({ ...old, ...others, "usr/lib64/python3.98/site-packages/gi/__init__.py": module })).toBe("python's package gi");
  });
});
