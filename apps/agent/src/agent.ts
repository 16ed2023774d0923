import { readDeployments, showCommit, sysrootRepo } from "@treeline/ostree";
import { createBootClock, jitteredBackoff, lockDirectory, removeLeftovers, type Logger, type Shutdown } from "@treeline/process";
import type { AgentConfiguration } from "./configuration.ts";
import { awaitIdentity } from "./enrollment/await-identity.ts";
import type { NodeIdentity } from "./enrollment/identity-file.ts";
import { hostSteps } from "./host-steps.ts";
import { inventorySource } from "./inventory-source.ts";
import { SystemdNotify } from "./notify/systemd-notify.ts";
import { Session } from "./session/session.ts";
import { TrustedKeys } from "./trusted-keys/trusted-keys.ts";
import { openUpgradeJournal } from "./upgrade/journal-schema.ts";
import { UpgradeLoop } from "./upgrade/loop.ts";
import { holdFrom } from "./upgrade/test-hold.ts";
import { agentVersion } from "./version.ts";
import { Wakeup } from "./wakeup.ts";

export interface AgentOptions {
  readonly configuration: AgentConfiguration;
  readonly shutdown: Shutdown;
  /** Where tests of crashes say at which point to stop. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/**
 * Starts the agent; it works until the shutdown begins. The upgrade loop does not wait for enrollment or a session: a host that cannot reach its server, or
 * whose identity is damaged, must still find its way back from a release that cut it off. @throws DirectoryInUseError, DataDirectoryError, JournalError
 */
export async function startAgent({ configuration, shutdown, environment, logger }: AgentOptions): Promise<void> {
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

  const trustedKeys = await TrustedKeys.open({
    stateDirectory,
    fromToken: () => identity?.releaseKeys ?? [],
    bootedCommitAt,
    onChange: () => loop.notice(),
    logger: logger.child({ part: "trusted keys" }),
  });

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
    onKeyRotations: (documents) => void trustedKeys.follow(documents),
    onChange: () => loop.notice(),
    logger: logger.child({ part: "session" }),
  });
  const loop = new UpgradeLoop({
    steps: hostSteps({ configuration, journal: () => journal.read(), bootId, identity: () => identity, trustedKeys: () => trustedKeys.valid(), logger: logger.child({ part: "upgrade" }) }),
    session,
    journal,
    journalNote: note,
    inventory,
    trust: () => trustedKeys.report,
    bootId,
    clock,
    limits: { sessionMillis: configuration.session.deadline, rebootMillis: configuration.reboot.again, checkMillis: configuration.checks.again, holdMillis: configuration.hold.maximum },
    hold: holdFrom(environment, { stateDirectory, signal }),
    wakeup,
    logger: logger.child({ part: "upgrade" }),
  });

  const keepSession = async (): Promise<void> => {
    identity = await awaitIdentity({ stateDirectory, tokenFile, backoff: jitteredBackoff({ ...backoff, random: Math.random }), signal, logger: logger.child({ part: "enrollment" }) });
    if (identity === undefined) return;
    logger.info("joined", { nodeId: identity.nodeId, endpoints: identity.endpoints.sessions });
    await session.run({ endpoints: identity.endpoints.sessions, tls: identity }, signal);
  };
  const notify = new SystemdNotify({ alive: () => loop.alive, logger });
  shutdown.onClose("systemd", () => notify.close());
  signal.addEventListener("abort", () => void notify.stopping(), { once: true });
  const running = Promise.all([loop.run(signal), keepSession()]).then(
    () => {},
    (err: unknown) => {
      logger.error("the agent failed", { err });
      shutdown.begin("the agent failed", "failed");
    },
  );
  shutdown.onClose("agent", () => running);
  logger.info("agent started", { version: agentVersion, bootId, stateDirectory });
  await notify.ready();
}

/** When the commit that this host booted was made; undefined where it booted none. */
async function bootedCommitAt(): Promise<number | undefined> {
  const booted = (await readDeployments()).find((deployment) => deployment.booted);
  return booted === undefined ? undefined : (await showCommit({ repo: sysrootRepo(undefined), checksum: booted.checksum })).timestamp;
}
