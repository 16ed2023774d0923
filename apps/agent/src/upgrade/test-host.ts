import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { bootedDeployment, type Health, type Intent, type OsState } from "@treeline/fleet";
import { addSignature, commitTree, generateDelta, generateKeyPair, initArchive, readCommit, readDeployments, signCommit, sysrootRepo, updateSummary, writeDetached } from "@treeline/ostree";
import { createBootClock, silentLogger } from "@treeline/process";
import type { HookKind, HookResult, Journal, Limits } from "@treeline/upgrade";
import { sendFile, testUpstream, type TestRequest } from "../content-proxy/test-upstream.ts";
import { osStateOf } from "../observe.ts";
import type { MustStart } from "../must-start.ts";
import { Session } from "../session/session.ts";
import { temporaryDirectory, type TestFleet } from "../test-fleet.ts";
import { testObservation } from "../test-observation.ts";
import { Wakeup } from "../wakeup.ts";
import { TrustedKeys } from "../trusted-keys/trusted-keys.ts";
import { deployTarget } from "./deploy.ts";
import { keepCommit } from "./holds.ts";
import { hostHygiene } from "./hygiene.ts";
import { openUpgradeJournal } from "./journal-schema.ts";
import { UpgradeLoop } from "./loop.ts";
import type { Guard, Steps } from "./steps.ts";
import { stage } from "./stage.ts";
import { noHold, type Hold } from "./test-hold.ts";
import { makeDefault, takeBack } from "./way-back.ts";

/**
 * Support for tests: releases in a real archive repository, and a host with a real sysroot, whose boots alone are simulated: a boot runs what ostree has as
 * the default then. (Booted hosts, with staging and finalization, are tested on machines; see the integration tools.)
 */

const exec = promisify(execFile);
export const testRef = "os/stable";
export const testOsname = "fleetos";

const ostreeCli = async (...args: readonly string[]): Promise<string> =>
  (await exec("ostree", [...args], { env: { ...process.env, LC_ALL: "C.UTF-8", OSTREE_SYSROOT_DEBUG: "mutable-deployments" } })).stdout.trim();

/** A release of a test has no programs and no units. */
export const nothingMustStart: MustStart = { paths: [], units: [], programs: [], wayBack: undefined };

export interface TestRelease {
  readonly checksum: string;
  readonly version: string;
}

export interface PublishOptions {
  /** Default: the archive's own key; null: none. */
  readonly signedWith?: string | null;
  readonly deltaFrom?: string;
  /** Whether the commit says how large its objects are. */
  readonly sizes?: boolean;
  /** More files of the tree. */
  readonly files?: Readonly<Record<string, Buffer>>;
}

const commitWithSizes = (repo: string, tree: string, version: string): Promise<string> =>
  ostreeCli("commit", `--repo=${repo}`, `--branch=${testRef}`, `--tree=dir=${tree}`, "--owner-uid=0", "--owner-gid=0", "--bootable", "--generate-sizes", `--add-metadata-string=version=${version}`);

export async function testArchive(directory: string) {
  const repo = join(directory, "archive");
  const keys = generateKeyPair();
  await mkdir(repo, { recursive: true });
  await initArchive({ repo });
  await ostreeCli(`--repo=${repo}`, "config", "set", "core.fsync", "false");
  const publish = async (version: string, options: PublishOptions = {}): Promise<TestRelease> => {
    const tree = join(directory, `tree-${version}`);
    await writeTree(tree, version);
    for (const [path, content] of Object.entries(options.files ?? {})) await writeFile(join(tree, path), content);
    const checksum = options.sizes === true ? await commitWithSizes(repo, tree, version) : await commitTree({ repo, ref: testRef, tree, version });
    const secret = options.signedWith === undefined ? keys.secretKey : options.signedWith;
    if (secret !== null) {
      const { commit, commitmeta } = await readCommit({ repo, checksum });
      await writeDetached({ repo, checksum, commitmeta: addSignature(commitmeta, signCommit(commit, secret)) });
    }
    if (options.deltaFrom !== undefined) await generateDelta({ repo, from: options.deltaFrom, to: checksum });
    await updateSummary({ repo });
    return { checksum, version };
  };
  return { repo, keys, publish };
}

async function writeTree(directory: string, version: string): Promise<void> {
  const modules = `usr/lib/modules/6.1.0-${version}`;
  for (const folder of ["usr/etc", "usr/share", modules, "boot", "dev", "proc", "run", "sys", "sysroot", "tmp", "var"]) await mkdir(join(directory, folder), { recursive: true });
  await symlink("sysroot/ostree", join(directory, "ostree"));
  await writeFile(join(directory, "usr/lib/os-release"), `ID=${testOsname}\nPRETTY_NAME="FleetOS ${version}"\n`);
  await writeFile(join(directory, `${modules}/vmlinuz`), `kernel ${version}`);
  await writeFile(join(directory, `${modules}/initramfs.img`), `initramfs ${version}`);
  await writeFile(join(directory, "usr/share/data"), version.repeat(20_000));
}

/** A sysroot with one release deployed, as an installer leaves it. */
export async function installSysroot({ sysroot, archive, installed }: { readonly sysroot: string; readonly archive: Pick<Awaited<ReturnType<typeof testArchive>>, "repo">; readonly installed: TestRelease }): Promise<void> {
  const repo = sysrootRepo(sysroot);
  await mkdir(sysroot);
  await ostreeCli("admin", "init-fs", "--modern", sysroot);
  await ostreeCli("admin", "os-init", testOsname, `--sysroot=${sysroot}`);
  for (const [key, value] of [["sysroot.bootloader", "none"], ["core.fsync", "false"], ["core.min-free-space-percent", "0"]] as const) await ostreeCli(`--repo=${repo}`, "config", "set", key, value);
  await ostreeCli(`--repo=${repo}`, "pull-local", "--remote=treeline", archive.repo, installed.checksum);
  await ostreeCli(`--repo=${repo}`, "refs", "--force", `--create=treeline:${testRef}`, installed.checksum);
  await ostreeCli("admin", "deploy", `--sysroot=${sysroot}`, `--os=${testOsname}`, "--karg=quiet", `treeline:${testRef}`);
}

/** Another program, which holds libostree's lock of a sysroot until it is disposed. */
export async function holdSysroot(sysroot: string): Promise<AsyncDisposable> {
  const script = `import gi,sys
gi.require_version("OSTree","1.0")
from gi.repository import OSTree,Gio
s=OSTree.Sysroot.new(Gio.File.new_for_path(sys.argv[1])); s.load(None); s.lock(); print("held", flush=True); sys.stdin.read()`;
  const child = spawn("/usr/bin/python3", ["-c", script, sysroot], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await once(child, "close");
    },
  };
}

export interface TestHostOptions {
  readonly fleet: TestFleet;
  readonly directory: string;
  readonly archive: Awaited<ReturnType<typeof testArchive>>;
  readonly installed: TestRelease;
  readonly sessionEndpoint: string;
  readonly limits?: Partial<Limits> | undefined;
}

export class TestHost {
  readonly #options: TestHostOptions;
  readonly sysroot: string;
  readonly stateDirectory: string;
  /** What the checks say, per version that is booted. */
  readonly checks = new Map<string, Health["state"]>();
  readonly contentRequests: TestRequest[] = [];
  /** Set to change what the content server answers. */
  contentFault: ((request: TestRequest) => "stall" | number | undefined) | undefined;
  /** Set to demand more of a release. */
  mustStart: MustStart = nothingMustStart;
  stagingDelayMillis = 1;
  reboots: string[] = [];
  #bootId = "";
  #booted: { readonly checksum: string; readonly serial: number } | undefined;
  #running: { readonly stop: AbortController; readonly done: Promise<unknown>; readonly loop: UpgradeLoop; readonly session: Session; readonly journal: () => Journal } | undefined;

  private constructor(options: TestHostOptions) {
    this.#options = options;
    this.sysroot = join(options.directory, "sysroot");
    this.stateDirectory = join(options.directory, "state");
  }

  static async install(options: TestHostOptions): Promise<TestHost> {
    const host = new TestHost(options);
    await mkdir(host.stateDirectory);
    await installSysroot({ sysroot: host.sysroot, archive: options.archive, installed: options.installed });
    return host;
  }

  get journal(): Journal {
    return this.#running!.journal();
  }

  /** Its owner's hooks, by kind. */
  readonly hooks = new Map<HookKind, (signal: AbortSignal) => Promise<HookResult>>();
  readonly hooksRun: HookKind[] = [];
  heldBy: readonly string[] = [];
  guard: Guard = { read: () => Promise.resolve(undefined), arm: () => Promise.resolve(), disarm: () => Promise.resolve() };

  get bootId(): string {
    return this.#bootId;
  }

  async readOs(): Promise<OsState> {
    const found = osStateOf(this.#bootId, await readDeployments({ sysroot: this.sysroot }));
    const at = found.deployments.findIndex(({ checksum, serial }) => checksum === this.#booted?.checksum && serial === this.#booted.serial);
    return { ...found, deployments: found.deployments.map((deployment, index) => ({ ...deployment, booted: index === at, pending: index < at, rollback: index > at })) };
  }

  refs(): Promise<string> {
    return ostreeCli("refs", `--repo=${sysrootRepo(this.sysroot)}`);
  }

  /** Boots what is the default now, and starts the agent. */
  async powerOn(hold: Hold = noHold): Promise<void> {
    this.#bootId = randomUUID();
    this.#booted = (await readDeployments({ sysroot: this.sysroot }))[0];
    await this.startAgent(hold);
  }

  /** Ends the agent as a crash would, between two steps or in one that is held, and leaves the host running. */
  async crash(): Promise<void> {
    this.#running?.stop.abort();
    await this.#running?.done;
    this.#running = undefined;
  }

  async startAgent(hold: Hold = noHold): Promise<void> {
    const { fleet, archive, sessionEndpoint, limits } = this.#options;
    const stop = new AbortController();
    const { file: journal, note } = await openUpgradeJournal(this.stateDirectory);
    const clock = createBootClock();
    const bootId = this.#bootId;
    const trustedKeys = await TrustedKeys.open({
      ...{ stateDirectory: this.stateDirectory, fromToken: () => [archive.keys.publicKey], directories: [], bootedCommitAt: () => Promise.resolve(undefined) },
      ...{ wallClock: Date.now, onChange: () => loop.notice(), logger: silentLogger },
    });
    const session = new Session({
      agentVersion: "0.1.0",
      bootId,
      standing: () => ({ highest: journal.read().highest, openAttempts: journal.read().open === undefined ? [] : [journal.read().open!.ref] }),
      clock,
      backoff: { baseMs: 5, maxMs: 50 },
      onChange: () => loop.notice(),
      onKeyRotations: (documents) => void trustedKeys.follow(documents),
      logger: silentLogger,
    });
    const loop: UpgradeLoop = new UpgradeLoop({
      ...{ steps: this.#steps(trustedKeys), session, journal, journalNote: note, bootId, clock, hold, wakeup: new Wakeup(), logger: silentLogger },
      inventory: () => Promise.resolve(testObservation().inventory),
      trust: () => trustedKeys.report,
      limits: { sessionMillis: 60_000, rebootMillis: 60_000, checkMillis: 1000, holdMillis: 60_000, ...limits },
    });
    const done = Promise.all([loop.run(stop.signal), session.run({ endpoints: [sessionEndpoint], tls: fleet.tls }, stop.signal)]);
    this.#running = { stop, done, loop, session, journal: () => journal.read() };
  }

  #steps(trustedKeys: TrustedKeys): Steps {
    const { archive, fleet } = this.#options;
    const { sysroot } = this;
    const repo = sysrootRepo(sysroot);
    const bootId = this.#bootId;
    const ofHost = () => this.guard;
    return {
      readOs: () => this.readOs(),
      runChecks: async () => {
        const state = this.checks.get(bootedDeployment(await this.readOs())?.version ?? "") ?? "green";
        return { state, bootId, checks: [{ name: "app", required: true, passed: state === "green", output: "" }] };
      },
      stage: async (attempt, during) => {
        const serve = sendFile(archive.repo);
        await using upstream = await testUpstream(fleet, (request, response, message) => {
          this.contentRequests.push(request);
          const fault = this.contentFault?.(request);
          if (fault === "stall") return;
          if (fault === undefined) serve(request, response, message);
          else response.writeHead(fault).end();
        });
        return await stage(attempt, {
          ...{ repo, sysroot, stateDirectory: this.stateDirectory, mustStart: this.mustStart, journal: this.journal, stallMillis: 60_000 },
          content: { endpoints: [upstream.endpoint], basePath: "/ostree", tls: fleet.tls, retry: { baseMs: 1, maxMs: 2 } },
          trustedKeys: () => trustedKeys.valid(),
          delayMillis: () => this.stagingDelayMillis,
          logger: silentLogger,
          ...during,
        });
      },
      presentHooks: () => Promise.resolve([...this.hooks.keys()]),
      runHooks: async (kind, _attempt, signal) => {
        this.hooksRun.push(kind);
        return (await this.hooks.get(kind)?.(signal)) ?? { ok: true };
      },
      heldBy: () => Promise.resolve(this.heldBy),
      get guard() {
        return ofHost();
      },
      deploy: (what) => deployTarget({ ...what, repo, sysroot, logger: silentLogger }),
      makeDefault: (what) => makeDefault({ ...what, sysroot, logger: silentLogger }),
      takeBack: (what) => takeBack({ ...what, sysroot, logger: silentLogger }),
      reboot: (because) => {
        this.reboots.push(because);
        return Promise.resolve();
      },
      keep: (checksum, os) => keepCommit(repo, os, checksum),
      resources: undefined,
      tidy: hostHygiene({ repo, sysroot, logger: silentLogger }),
    };
  }
}

export async function testDirectory() {
  // Deployments must stay deletable, for the end of the test.
  process.env["OSTREE_SYSROOT_DEBUG"] = "mutable-deployments";
  return temporaryDirectory();
}

export function orderOf(release: TestRelease, number: number, more: Partial<NonNullable<Intent["attempt"]>> = {}): Intent {
  return {
    generation: { epoch: 1, number },
    target: { checksum: release.checksum, ref: testRef, version: release.version },
    attempt: { ref: { rollout: "r1", number: 1 }, soakMillis: 1, clearDenied: false, ...more },
  };
}
