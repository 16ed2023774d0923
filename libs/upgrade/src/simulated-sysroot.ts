import type { Checksum, Deployment } from "@treeline/fleet";

/** What a local ref of the agent's holds: an attempt's target, its base, or the commit that an intent says to keep. */
export type Hold = "target" | "base" | "keep";

type DeploymentName = Pick<Deployment, "checksum" | "serial">;
type SimulatedDeployment = DeploymentName & Pick<Deployment, "staged">;

const sameName = (a: DeploymentName, b: DeploymentName): boolean => a.checksum === b.checksum && a.serial === b.serial;

/**
 * The disk of a simulated host: deployments, commits, refs, as ostree 2022.7 keeps them. It outlives crashes and power cuts.
 * INVARIANT: what is deployed or held by a ref is in the repository; everything else is gone after the next change of the deployments (ostree's cleanup).
 */
export class SimulatedSysroot {
  /** In ostree's order: the first is what the next boot runs. */
  #deployments: readonly SimulatedDeployment[];
  #booted: DeploymentName;
  #commits: ReadonlySet<Checksum>;
  readonly #refs = new Map<Hold, Checksum>();

  constructor(base: Checksum) {
    this.#booted = { checksum: base, serial: 0 };
    this.#deployments = [{ ...this.#booted, staged: false }];
    this.#commits = new Set([base]);
  }

  get booted(): DeploymentName {
    return this.#booted;
  }

  /** What the next boot would run if the host were shut down in order now. */
  get next(): SimulatedDeployment {
    return this.#deployments[0]!;
  }

  get refs(): ReadonlyMap<Hold, Checksum> {
    return this.#refs;
  }

  has(checksum: Checksum): boolean {
    return this.#commits.has(checksum);
  }

  deployments(): readonly Deployment[] {
    let seenBooted = false;
    return this.#deployments.map((one): Deployment => {
      const booted = sameName(one, this.#booted);
      seenBooted ||= booted;
      return {
        osname: "sim",
        checksum: one.checksum,
        serial: one.serial,
        version: one.checksum,
        refspec: "origin:sim",
        booted,
        pending: !booted && !seenBooted && !one.staged,
        staged: one.staged,
        rollback: !booted && seenBooted,
        pinned: false,
        kargs: "",
      };
    });
  }

  pull(checksum: Checksum): void {
    this.#commits = new Set([...this.#commits, checksum]);
  }

  hold(what: Exclude<Hold, "keep">, checksum: Checksum): void {
    if (this.has(checksum)) this.#refs.set(what, checksum);
  }

  /** Only what is deployed or already held as something that ran can be kept; else nothing is. */
  keep(checksum: Checksum | undefined): void {
    const isOurs =
      this.#deployments.some((one) => one.checksum === checksum) ||
      this.#refs.get("base") === checksum ||
      this.#refs.get("keep") === checksum;
    if (checksum !== undefined && isOurs) this.#refs.set("keep", checksum);
    else this.#refs.delete("keep");
  }

  release(what: Hold): void {
    this.#refs.delete(what);
  }

  /** `ostree admin deploy --stage`: it replaces what was staged before. */
  stage(checksum: Checksum): void {
    const serials = this.#deployments.filter((one) => one.checksum === checksum && !one.staged).map((one) => one.serial);
    const serial = serials.length === 0 ? 0 : Math.max(...serials) + 1;
    this.#deployments = [{ checksum, serial, staged: true }, ...this.#deployments.filter((one) => !one.staged)];
  }

  /** Nothing happens when there is no such written deployment. What is staged is dropped. */
  setDefault(checksum: Checksum, serial?: number): void {
    const first = this.#deployments.find((one) => one.checksum === checksum && (serial ?? one.serial) === one.serial && !one.staged);
    if (first === undefined) return;
    this.#deployments = [first, ...this.#deployments.filter((one) => one !== first && !one.staged)];
    this.#cleanUp();
  }

  undeploy(name: DeploymentName): void {
    this.#deployments = this.#deployments.filter((one) => !sameName(one, name));
    this.#cleanUp();
  }

  /** What `ostree-finalize-staged` does at an orderly shutdown: the new one first, the booted one kept, older ones dropped. */
  finalize(): void {
    const staged = this.#deployments.find((one) => one.staged);
    if (staged === undefined) return;
    this.#deployments = [
      { ...staged, staged: false },
      { ...this.#booted, staged: false },
    ];
    this.#cleanUp();
  }

  /** The power goes before anything was finalized. */
  loseStaged(): void {
    this.#deployments = this.#deployments.filter((one) => !one.staged);
  }

  /** The boot loader starts the first deployment that it can. @returns false when there is none */
  boot(bootable: (checksum: Checksum) => boolean): boolean {
    const first = this.#deployments.find((one) => bootable(one.checksum));
    if (first === undefined) return false;
    this.#booted = { checksum: first.checksum, serial: first.serial };
    return true;
  }

  #cleanUp(): void {
    const kept = new Set([...this.#deployments.map((one) => one.checksum), ...this.#refs.values()]);
    this.#commits = new Set([...this.#commits].filter((checksum) => kept.has(checksum)));
  }
}
