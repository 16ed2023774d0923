import { applyToDirectory, emptyDirectory, type Directory } from "@treeline/access";
import type { ApiTokenRecord, TokenRecord } from "@treeline/fleet";
import type { Change } from "@treeline/rollout";

/**
 * Enrollment tokens and API tokens by the hash of their secret, and the directory of who may do what. Decisions never look at them, so the snapshot does not carry them.
 * INVARIANT: as new as the fleet's working snapshot, because it hears of every change within the transaction's own call (`FleetOptions.onWorking`).
 */
export class SecretIndex {
  readonly #tokens = new Map<string, TokenRecord>();
  readonly #apiTokens = new Map<string, ApiTokenRecord>();
  #directory: Directory = emptyDirectory;

  note(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === "token") this.#tokens.set(change.value.secretHash, change.value);
      if (change.kind === "api-token") {
        // A name has one secret: the new one replaces the old.
        const before = this.#directory.apiTokens.get(change.value.name);
        if (before !== undefined) this.#apiTokens.delete(before.secretHash);
        this.#apiTokens.set(change.value.secretHash, change.value);
      }
      this.#directory = applyToDirectory(this.#directory, change);
    }
  }

  token(secretHash: string): TokenRecord | undefined {
    return this.#tokens.get(secretHash);
  }

  tokens(): readonly TokenRecord[] {
    return [...this.#tokens.values()];
  }

  apiToken(secretHash: string): ApiTokenRecord | undefined {
    return this.#apiTokens.get(secretHash);
  }

  get hasApiTokens(): boolean {
    return this.#apiTokens.size > 0;
  }

  get directory(): Directory {
    return this.#directory;
  }
}
