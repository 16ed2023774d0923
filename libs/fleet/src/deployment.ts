import type { Checksum } from "./identity.ts";

/** One OSTree deployment as the host's ostree shows it. Identified by checksum and serial, never by index. */
export interface Deployment {
  readonly osname: string;
  readonly checksum: Checksum;
  readonly serial: number;
  readonly version: string;
  readonly refspec: string;
  readonly booted: boolean;
  /** Default for the next boot although another one is booted. */
  readonly pending: boolean;
  /** Written at shutdown only; lost by a power cut. */
  readonly staged: boolean;
  readonly rollback: boolean;
  readonly pinned: boolean;
  readonly kargs: string;
}

/** What ostree says, in its own order: the first is what the next boot runs (a staged one stands first, too). */
export interface OsState {
  readonly bootId: string;
  readonly deployments: readonly Deployment[];
}

/** A signed OSTree commit that a node shall run. */
export interface Target {
  readonly checksum: Checksum;
  readonly ref: string;
  readonly version: string;
}

export function bootedDeployment(os: OsState): Deployment | undefined {
  return os.deployments.find((deployment) => deployment.booted);
}

/** What the next boot would run if the host were shut down in order now. */
export function nextDeployment(os: OsState): Deployment | undefined {
  return os.deployments[0];
}

export function findDeployment(os: OsState, id: { readonly checksum: Checksum; readonly serial: number }): Deployment | undefined {
  return os.deployments.find((deployment) => deployment.checksum === id.checksum && deployment.serial === id.serial);
}

export function sameDeployment(a: Pick<Deployment, "checksum" | "serial">, b: Pick<Deployment, "checksum" | "serial">): boolean {
  return a.checksum === b.checksum && a.serial === b.serial;
}
