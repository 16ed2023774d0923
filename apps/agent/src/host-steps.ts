import { readDeployments, sysrootRepo } from "@treeline/ostree";
import type { Logger } from "@treeline/process";
import type { Journal } from "@treeline/upgrade";
import { runChecks } from "./checks/run-checks.ts";
import type { AgentConfiguration } from "./configuration.ts";
import type { NodeIdentity } from "./enrollment/identity-file.ts";
import { openGuard } from "./guard/guard.ts";
import { heldBy } from "./hold/held-by.ts";
import { hookEnvironment } from "./hooks/hook-environment.ts";
import { presentHooks, runHooks } from "./hooks/run-hooks.ts";
import { osStateOf } from "./observe.ts";
import { mustStart } from "./must-start.ts";
import { deployTarget } from "./upgrade/deploy.ts";
import { keepCommit } from "./upgrade/holds.ts";
import { hostHygiene } from "./upgrade/hygiene.ts";
import type { Steps } from "./upgrade/steps.ts";
import { systemdReboot } from "./upgrade/reboot.ts";
import { stage } from "./upgrade/stage.ts";
import { requireSignature } from "./upgrade/verify.ts";
import { makeDefault, takeBack } from "./upgrade/way-back.ts";

/** Where the content server keeps the repository. */
const contentPath = "/ostree";
/** Shared with the boot guard, and with nobody else. */
const lockFile = "/run/treeline/host.lock";
const stagingBackoff = { baseMs: 2000, maxMs: 60_000 } as const;

/** The steps of the plan on this host. */
export function hostSteps(options: {
  readonly configuration: AgentConfiguration;
  readonly journal: () => Journal;
  readonly bootId: string;
  readonly identity: () => NodeIdentity | undefined;
  readonly trustedKeys: () => Promise<readonly string[]>;
  readonly logger: Logger;
}): Steps {
  const { configuration, journal, bootId, identity, trustedKeys, logger } = options;
  const { checks, download, hold, hooks, osname, stateDirectory } = configuration;
  const repo = sysrootRepo(undefined);
  const guard = openGuard({ program: configuration.guard.program, lockFile, logger });
  // What a way back leads to has run here, signed or not.
  const verifying = (checksum: string) => (journal().open?.back === true ? {} : { verify: () => requireSignature(checksum, { repo, trustedKeys }) });
  return {
    readOs: async () => osStateOf(bootId, await readDeployments()),
    runChecks: (signal) => runChecks({ ...checks, timeoutMillis: checks.timeout, bootId, signal, logger }),
    stage: async (attempt, during) => {
      const known = identity();
      // A session, and so an intent, exists only with an identity.
      if (known === undefined) throw new Error("an attempt is being staged before this host has joined a fleet");
      const { caPem, certPem, keyPem, endpoints } = known;
      return stage(attempt, {
        repo,
        journal: journal(),
        stateDirectory,
        stallMillis: download.stall,
        mustStart: await mustStart({ guard: configuration.guard.required ? configuration.guard.program : undefined }),
        content: { endpoints: endpoints.content, basePath: contentPath, tls: { caPem, certPem, keyPem }, bytesPerSecond: download.rate },
        trustedKeys,
        delayMillis: (failures) => Math.ceil(Math.min(stagingBackoff.maxMs, stagingBackoff.baseMs * 2 ** failures) * (0.5 + Math.random() / 2)),
        logger,
        ...during,
      });
    },
    presentHooks: () => presentHooks(hooks),
    runHooks: (kind, attempt, signal) => {
      const { ref, target, base, ending } = attempt;
      const outcome = kind === "post-update" ? { outcome: ending?.outcome.kind ?? ("abandoned" as const) } : {};
      const environment = hookEnvironment({ attempt: ref, target, from: base.checksum, ...outcome });
      return runHooks({ kind, directories: hooks.directories, timeoutMillis: hooks.timeout, environment, signal, logger });
    },
    heldBy: () => heldBy({ ...hold, logger }),
    guard: { ...guard, read: async () => ((await guard.installed()) ? guard.read() : undefined) },
    deploy: (what) => deployTarget({ ...what, ...verifying(what.target.checksum), repo, osname, panicSeconds: configuration.deploy.panicSeconds, lockFile, logger }),
    makeDefault: (what) => makeDefault({ ...what, lockFile, logger }),
    takeBack: (what) => takeBack({ ...what, lockFile, logger }),
    reboot: systemdReboot,
    keep: (checksum, os) => keepCommit(repo, os, checksum),
    // Nothing on this host tells of extended resources yet; whatever does becomes a ResourceWatch here and in runChecks.
    resources: undefined,
    tidy: hostHygiene({ repo, lockFile, logger }),
  };
}
