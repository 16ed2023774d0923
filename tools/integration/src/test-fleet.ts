import { DemoFleet, type FleetOptions, type Machine, type MachineSetup, type PlacedFiles, type Release } from "@treeline/testkit";
import { afterAll, beforeAll, onTestFailed } from "vitest";

/** Where a release carries its required and wanted checks, as greenboot has them. */
export const requiredCheck = (name: string): string => `usr/lib/greenboot/check/required.d/${name}`;
export const wantedCheck = (name: string): string => `usr/lib/greenboot/check/wanted.d/${name}`;
export const script = (body: string): { readonly content: string; readonly mode: number } => ({
  content: `#!/bin/bash\n${body}\n`,
  mode: 0o755,
});

/** Settings under which a test waits for nothing but the work itself. */
const quickAgent = {
  session: { deadline: "60s", backoff: { base: "100ms", max: "1s" } },
  checks: { again: "1s" },
  reboot: { again: "60s" },
};
const quickServer = { TREELINE_SESSION_HEARTBEAT_MILLIS: "500", TREELINE_SESSION_LEASE_MILLIS: "5000" };

/** Starts a fleet whose server and agents are quick to notice things. */
export function startFleet(options: FleetOptions = {}): Promise<DemoFleet> {
  const { agentSettings = {}, serverEnvironment = {}, ...others } = options;
  return DemoFleet.start({
    agentSettings: { ...quickAgent, ...agentSettings },
    serverEnvironment: { ...quickServer, ...serverEnvironment },
    ...others,
  });
}

export interface SharedFleet {
  /** Valid in tests and hooks. */
  readonly fleet: DemoFleet;
}

/** One fleet for all tests of a file: started before them, destroyed after them. */
export function sharedFleet(prepare: (fleet: DemoFleet) => Promise<void>, options: FleetOptions = {}): SharedFleet {
  let fleet: DemoFleet | undefined;
  beforeAll(async () => {
    fleet = await startFleet(options);
    await prepare(fleet);
  });
  afterAll(() => fleet?.destroy());
  return {
    get fleet() {
      if (fleet === undefined) throw new Error("the fleet has not started");
      return fleet;
    },
  };
}

/** Prints what server and machines said when the test that calls this fails. */
export function showLogs(fleet: DemoFleet): void {
  onTestFailed(async () => void process.stderr.write(`${await fleet.logs(20_000)}\n`));
}

/** Composes, signs and publishes a release. */
export async function publish(fleet: DemoFleet, version: string, files: PlacedFiles = {}): Promise<Release> {
  const release = await fleet.compose(version, { files });
  await fleet.publish(release);
  return release;
}

/** A machine that runs, has enrolled, and shows green checks. */
export async function startMachine(fleet: DemoFleet, name: string, release: Release, setup: MachineSetup = {}): Promise<Machine> {
  const [machine] = await fleet.addMachines([name], release, setup);
  return machine!;
}

/** A selector of machines by name. */
export function named(...names: readonly string[]): string {
  return `kubernetes.io/hostname in (${names.join(",")})`;
}

export interface RolloutFlags {
  readonly nodes: readonly string[];
  readonly waves?: string;
  readonly maxUnavailable?: string;
  readonly soak?: string;
  readonly retries?: number;
}

/** argv of `treeline rollout create`. */
export function rolloutCreate(name: string, release: Release, flags: RolloutFlags): readonly string[] {
  const { nodes, waves = "rest", maxUnavailable = "1", soak, retries } = flags;
  return [
    ...[
      "rollout",
      "create",
      name,
      "--release",
      release.checksum,
      "--selector",
      named(...nodes),
      "--waves",
      waves,
      "--max-unavailable",
      maxUnavailable,
    ],
    ...(soak === undefined ? [] : ["--soak", soak]),
    ...(retries === undefined ? [] : ["--retries", String(retries)]),
  ];
}

/** Creates a rollout with the CLI and starts it. */
export async function rollOut(fleet: DemoFleet, name: string, release: Release, flags: RolloutFlags): Promise<void> {
  await fleet.operator.treeline(...rolloutCreate(name, release, flags));
}

/** A document of `treeline apply -f`, without its apiVersion. */
export interface Applied {
  readonly kind: "Rollout" | "Budget";
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Applies a document with the CLI, as from a file. */
export async function applyDocument(fleet: DemoFleet, document: Applied): Promise<void> {
  const { code, stderr } = await fleet.operator.cli(["apply", "-f", "-"], { input: JSON.stringify({ apiVersion: "treeline/v1", ...document }) });
  if (code !== 0) throw new Error(`apply of ${document.kind} ${document.metadata.name}: status ${code}: ${stderr}`);
}
