import type { OperatorRecord, TokenRecord } from "@treeline/fleet";
import type { Change } from "@treeline/rollout";

/**
 * Tokens and operators by the hash of their secret. Decisions never look at them, so the snapshot does not carry them.
 * INVARIANT: as new as the fleet's working snapshot, because it hears of every change within the transaction's own call (`FleetOptions.onWorking`).
 */
export class SecretIndex {
  readonly #tokens = new Map<string, TokenRecord>();
  readonly #operators = new Map<string, OperatorRecord>();

  note(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === "token") this.#tokens.set(change.value.secretHash, change.value);
      if (change.kind === "operator") {
        // An operator has one secret: the new one replaces the old.
        for (const [hash, { name }] of this.#operators) if (name === change.value.name) this.#operators.delete(hash);
        this.#operators.set(change.value.secretHash, change.value);
      }
    }
  }

  token(secretHash: string): TokenRecord | undefined {
    return this.#tokens.get(secretHash);
  }

  tokens(): readonly TokenRecord[] {
    return [...this.#tokens.values()];
  }

  operator(secretHash: string): OperatorRecord | undefined {
    return this.#operators.get(secretHash);
  }

  get hasOperators(): boolean {
    return this.#operators.size > 0;
  }
}
