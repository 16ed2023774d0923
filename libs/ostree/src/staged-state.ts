import { access } from "node:fs/promises";
import { join } from "node:path";

export interface StagedState {
  /** A deployment waits for `ostree admin finalize-staged` at shutdown. False after finalization and after a power cut: /run does not outlive a boot. */
  readonly staged: boolean;
  /** Finalization is held back: shutdown would leave the old deployment as default. */
  readonly locked: boolean;
}

/** What /run/ostree says about a staged deployment of the booted host. `run` is for tests; it stands for /run. */
export async function stagedState(options: { readonly run?: string } = {}): Promise<StagedState> {
  const exists = (name: string): Promise<boolean> =>
    access(join(options.run ?? "/run", "ostree", name)).then(
      () => true,
      () => false,
    );
  return { staged: await exists("staged-deployment"), locked: await exists("staged-deployment-locked") };
}
