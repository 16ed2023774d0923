import { access } from "node:fs/promises";
import { join } from "node:path";
import { heldLocks, kernelsOnBoot, readCapabilities, readReserve, stagedState, type DeploymentId } from "@treeline/ostree";
import type { OsState } from "@treeline/fleet";
import { preflightFindings, type Finding, type Journal, type NeededProgram, type PreflightFacts, type SpaceFacts, type StartPath, type ToolFacts } from "@treeline/upgrade";
import type { MustStart } from "../must-start.ts";
import { neededForKeyrings, neededPrograms } from "./needed-programs.ts";

export interface PreflightOptions {
  readonly repo: string;
  /** For sysroots that are not the booted host. */
  readonly sysroot?: string | undefined;
  readonly os: OsState;
  readonly journal: Pick<Journal, "open" | "closed">;
  readonly stateDirectory: string;
  /** What must start after every boot: the agent, the boot guard, their units. */
  readonly mustStart: MustStart;
  /** Where GPG keyrings may lie. */
  readonly keyrings: readonly string[];
  /** False where nothing will be fetched or deployed. */
  readonly writes: boolean;
  readonly signal: AbortSignal;
}

/** Looks at the host and says what is in the way of an upgrade. Asks no server, changes nothing. @throws OstreeError, when ostree does not even answer */
export async function preflight(options: PreflightOptions): Promise<readonly Finding[]> {
  const { sysroot, os, journal, mustStart, keyrings, writes, signal } = options;
  const facts: PreflightFacts = {
    os,
    journal,
    heldLocks: await heldLocks({ sysroot }),
    finalizationLocked: sysroot === undefined && (await stagedState()).locked,
    tools: await readTools([...neededPrograms, ...(await neededForKeyrings(keyrings))], signal),
    absent: await missingOf(startPaths(mustStart)),
    space: writes ? await readSpaceFacts(options) : undefined,
  };
  return preflightFindings(facts);
}

const finalizer = "ostree-finalize-staged.service";

async function readTools(programs: readonly NeededProgram[], signal: AbortSignal): Promise<ToolFacts> {
  const { hasProgram, isSystemdRunning, unitState } = await import("@treeline/host");
  const { version, setDefault } = await readCapabilities({ signal });
  return {
    programs: await Promise.all(programs.map(async (program) => ({ ...program, found: await hasProgram(program.name) }))),
    ostreeVersion: version,
    wayBack: setDefault,
    finalizer: (await isSystemdRunning()) ? [{ unit: finalizer, state: await unitState(finalizer) }] : undefined,
  };
}

/** Everything that must start after the boot, where it is today. */
const startPaths = ({ paths, units }: MustStart): readonly StartPath[] => [
  ...paths,
  ...units.flatMap(({ unit, path, starts }) => [{ what: `the unit ${unit}`, path }, ...starts.map((start) => ({ what: `what the unit ${unit} starts`, path: start }))]),
];

async function missingOf(paths: readonly StartPath[]): Promise<readonly StartPath[]> {
  const isThere = await Promise.all(
    paths.map(({ path }) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, index) => isThere[index] === false);
}

/** How full the file systems are that an upgrade writes to, and what has a claim on them. */
export async function readSpaceFacts({ repo, sysroot, os, stateDirectory }: Pick<PreflightOptions, "repo" | "sysroot" | "os" | "stateDirectory">): Promise<SpaceFacts> {
  const { readSpace } = await import("@treeline/host");
  const kernels = await kernelsOnBoot({ sysroot });
  const kernelOf = ({ osname, checksum, serial }: DeploymentId) =>
    kernels.find(({ deployment }) => deployment.osname === osname && deployment.checksum === checksum && deployment.serial === serial);
  const shared = (directory: string): number => kernels.filter((kernel) => kernel.directory === directory).length;
  const booted = os.deployments.find((deployment) => deployment.booted);
  return {
    repository: await readSpace(repo),
    reserve: await readReserve(repo),
    boot: await readSpace(join(sysroot ?? "/", "boot")),
    state: await readSpace(stateDirectory),
    bootedKernelBytes: (booted && kernelOf(booted)?.bytes) ?? 0,
    pinned: os.deployments.flatMap((deployment, index) => {
      const kernel = deployment.pinned && !deployment.booted ? kernelOf(deployment) : undefined;
      return kernel === undefined || shared(kernel.directory) > 1 ? [] : [{ index, kernelBytes: kernel.bytes }];
    }),
  };
}
