import { readDeployments, sysrootRepo } from "@treeline/ostree";
import { createBootClock, jitteredBackoff, lockDirectory, removeLeftovers, type Logger, type Shutdown } from "@treeline/process";
import { runChecks } from "./checks/run-checks.ts";
import type { AgentConfiguration } from "./configuration.ts";
import { awaitIdentity } from "./enrollment/await-identity.ts";
import type { NodeIdentity } from "./enrollment/identity-file.ts";
import { trustedReleaseKeys } from "./enrollment/release-keys.ts";
import { inventorySource } from "./inventory-source.ts";
import { osStateOf } from "./observe.ts";
import { Session } from "./session/session.ts";
import { deployTarget } from "./upgrade/deploy.ts";
import { keepCommit, releaseHolds } from "./upgrade/holds.ts";
import { openUpgradeJournal } from "./upgrade/journal-schema.ts";
import { UpgradeLoop, type Steps } from "./upgrade/loop.ts";
import { systemdReboot } from "./upgrade/reboot.ts";
import { stage } from "./upgrade/stage.ts";
import { noHold, testHold } from "./upgrade/test-hold.ts";
import { makeDefault, takeBack } from "./upgrade/way-back.ts";
import { agentVersion } from "./version.ts";
import { Wakeup } from "./wakeup.ts";

/** Where the content server keeps the repository. */
const contentPath = "/ostree";
const stagingBackoff = { baseMs: 2000, maxMs: 60_000 } as const;

export interface AgentOptions {
  readonly configuration: AgentConfiguration;
  readonly shutdown: Shutdown;
  /** A point to stop at, for tests of crashes. */
  readonly testHoldAt?: string | undefined;
  readonly logger: Logger;
}

/**
 * Starts the agent; it works until the shutdown begins. The upgrade loop does not wait for enrollment or a session: a host that cannot reach its server, or
 * whose identity is damaged, must still find its way back from a release that cut it off. @throws DirectoryInUseError, DataDirectoryError, JournalError
 */
export async function startAgent({ configuration, shutdown, testHoldAt, logger }: AgentOptions): Promise<void> {
  const { stateDirectory, tokenFile } = configuration;
  const { signal } = shutdown;
  const lock = await lockDirectory(stateDirectory, "treeline-agent");
  shutdown.onClose("state directory", () => lock.release());
  await removeLeftovers(stateDirectory);
  const { file: journal, note } = await openUpgradeJournal(stateDirectory);
  if (note !== undefined) logger.error(note);

  const { readBootId } = await import("@treeline/host");
  const bootId = readBootId();
  const clock = createBootClock();
  const wakeup = new Wakeup();
  const inventory = inventorySource({ clock, logger });
  // The slowest part of the first report: begun now, needed in a moment.
  void inventory();
  let identity: NodeIdentity | undefined;

  const backoff = { baseMs: configuration.session.backoff.base, maxMs: Math.max(configuration.session.backoff.base, configuration.session.backoff.max) };
  const session = new Session({
    agentVersion,
    bootId,
    standing: () => {
      const { highest, open } = journal.read();
      return { highest, openAttempts: open === undefined ? [] : [open.ref] };
    },
    clock,
    backoff,
    onChange: () => loop.notice(),
    logger: logger.child({ part: "session" }),
  });
  const loop = new UpgradeLoop({
    steps: hostSteps({ configuration, bootId, identity: () => identity, logger: logger.child({ part: "upgrade" }) }),
    session,
    journal,
    journalNote: note,
    inventory,
    bootId,
    clock,
    limits: { sessionMillis: configuration.session.deadline, rebootMillis: configuration.reboot.again, checkMillis: configuration.checks.again, holdMillis: configuration.hold.maximum },
    hold: testHoldAt === undefined ? noHold : testHold({ stateDirectory, at: testHoldAt, signal }),
    wakeup,
    logger: logger.child({ part: "upgrade" }),
  });

  const keepSession = async (): Promise<void> => {
    identity = await awaitIdentity({ stateDirectory, tokenFile, backoff: jitteredBackoff({ ...backoff, random: Math.random }), signal, logger: logger.child({ part: "enrollment" }) });
    if (identity === undefined) return;
    logger.info("joined", { nodeId: identity.nodeId, endpoints: identity.endpoints.sessions });
    await session.run({ endpoints: identity.endpoints.sessions, tls: identity }, signal);
  };
  const running = Promise.all([loop.run(signal), keepSession()]).then(
    () => {},
    (err: unknown) => {
      logger.error("the agent failed", { err });
      shutdown.begin("the agent failed", "failed");
    },
  );
  shutdown.onClose("agent", () => running);
  logger.info("agent started", { version: agentVersion, bootId, stateDirectory });
}

/** The steps of the plan on this host. */
function hostSteps(options: {
  readonly configuration: AgentConfiguration;
  readonly bootId: string;
  readonly identity: () => NodeIdentity | undefined;
  readonly logger: Logger;
}): Steps {
  const { configuration, bootId, identity, logger } = options;
  const { checks, download, osname } = configuration;
  const repo = sysrootRepo(undefined);
  return {
    readOs: async () => osStateOf(bootId, await readDeployments()),
    runChecks: (signal) => runChecks({ directories: checks.directories, timeoutMillis: checks.timeout, bootId, signal, logger }),
    stage: (attempt, during) => {
      const known = identity();
      // A session, and so an intent, exists only with an identity.
      if (known === undefined) throw new Error("an attempt is being staged before this host has joined a fleet");
      const { caPem, certPem, keyPem, endpoints, releaseKeys } = known;
      return stage(attempt, {
        repo,
        content: { endpoints: endpoints.content, basePath: contentPath, tls: { caPem, certPem, keyPem }, bytesPerSecond: download.rate },
        trustedKeys: () => trustedReleaseKeys({ fromToken: releaseKeys, logger }),
        delayMillis: (failures) => Math.ceil(Math.min(stagingBackoff.maxMs, stagingBackoff.baseMs * 2 ** failures) * (0.5 + Math.random() / 2)),
        logger,
        ...during,
      });
    },
    presentHooks: () => Promise.resolve([]),
    runHooks: () => Promise.resolve({ ok: true }),
    heldBy: () => Promise.resolve([]),
    guard: undefined,
    deploy: (what) => deployTarget({ ...what, repo, osname, logger }),
    makeDefault: (what) => makeDefault({ ...what, logger }),
    takeBack: (what) => takeBack({ ...what, logger }),
    reboot: systemdReboot,
    keep: (checksum, os) => keepCommit(repo, os, checksum),
    releaseHolds: () => releaseHolds(repo),
  };
}
