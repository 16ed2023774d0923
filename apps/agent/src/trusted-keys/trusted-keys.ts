import type { Trust } from "@treeline/fleet";
import {
  applyRotation,
  isInEffect,
  keysValidAt,
  readRotation,
  RotationError,
  trustedKeysOf,
  trustInstant,
  type RotationRefusal,
  type SignedRotation,
  type TrustedKey,
} from "@treeline/ostree";
import type { Logger } from "@treeline/process";
import { baseKeys } from "./base-keys.ts";
import { readTrust, writeTrust, type KeptTrust } from "./trust-file.ts";

export interface TrustedKeysOptions {
  readonly stateDirectory: string;
  /** The public keys of the enrollment token; none before this host has joined a fleet. */
  readonly fromToken: () => readonly string[];
  readonly directories?: readonly string[];
  /** When the commit was made that this host booted, milliseconds since the epoch; undefined: it booted none. */
  readonly bootedCommitAt: () => Promise<number | undefined>;
  readonly wallClock?: () => number;
  /** What `report` says has changed. */
  readonly onChange: () => void;
  readonly logger: Logger;
}

/** Why a rotation is not followed, and what to do. */
const refusals: Readonly<Record<Exclude<RotationRefusal, "stale">, string>> = {
  "untrusted-signer":
    "no key that this host trusts now has signed it (a stranger, a retired key, or one outside its window). Sign it with a key the host trusts, or put a key that signed it into /etc/treeline/release-keys.d on the host",
  "retired-key": "it would trust a key again that was retired for good. Make a new key",
  "leaves-none": "this host would trust no release key any more. Name a key to trust in the rotation",
  "too-many": "this host cannot keep so many keys. Retire those that are no longer used, in an earlier rotation",
};

/**
 * The release keys of this host: what it was given (token, image, administrator) and what signed rotations made of it.
 *
 * INVARIANTS (beside those of trusted-key.ts)
 * - What `valid` says follows from rotations that are durable here.
 * - Where the file of followed rotations is damaged nothing is trusted, and nothing is followed.
 */
export class TrustedKeys {
  readonly #options: TrustedKeysOptions;
  #trust: KeptTrust | Error;
  #note = "";
  #bootedCommitAt: number | undefined;
  #last: Promise<void> = Promise.resolve();

  private constructor(options: TrustedKeysOptions, trust: KeptTrust | Error) {
    this.#options = options;
    this.#trust = trust;
    if (trust instanceof Error) this.#note = trust.message;
  }

  /** Never rejects: a damaged file is in `report`, and what `valid` throws. */
  static async open(options: TrustedKeysOptions): Promise<TrustedKeys> {
    const trust = await readTrust(options.stateDirectory).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    if (trust instanceof Error) options.logger.error("no release key is trusted", { err: trust });
    return new TrustedKeys(options, trust);
  }

  /** For the observation. */
  get report(): Trust {
    return { serial: this.#trust instanceof Error ? 0 : this.#trust.serial, note: this.#note };
  }

  /** The keys that may sign a release now. @throws OstreeError when what rotations said cannot be read */
  async valid(): Promise<readonly string[]> {
    // A rotation that came before the question counts.
    await this.#last;
    if (this.#trust instanceof Error) throw this.#trust;
    return keysValidAt(trustedKeysOf(await this.#base(), this.#trust), await this.#instant(this.#trust));
  }

  /** Follows those of the server's rotations that this host trusts and has not followed yet. Resolves when that is durable; never rejects. */
  follow(documents: readonly string[]): Promise<void> {
    this.#last = this.#last.then(() =>
      this.#follow(documents).catch((error: unknown) => this.#say(`key rotations could not be followed: ${error instanceof Error ? error.message : String(error)}`)),
    );
    return this.#last;
  }

  async #follow(documents: readonly string[]): Promise<void> {
    const { stateDirectory, logger } = this.#options;
    const before = this.#trust;
    if (before instanceof Error) return;
    const { rotations, unreadable } = readAll(documents);
    const base = await this.#base();
    let trust = before;
    const refused: { readonly signed: SignedRotation; readonly reason: RotationRefusal }[] = [];
    for (const signed of rotations) {
      const result = applyRotation({ base, state: trust, signed, at: await this.#instant(trust) });
      if (!result.ok) refused.push({ signed, reason: result.reason });
      else {
        // What a newer agent keeps there stays.
        trust = { ...trust, ...result.state };
        logger.info("a key rotation is followed", { serial: trust.serial, signer: result.signer, trusts: signed.rotation.trust, retires: signed.rotation.retire });
      }
    }
    if (trust !== before) {
      await writeTrust(stateDirectory, trust);
      this.#trust = trust;
      this.#options.onChange();
    }
    const trusted = trustedKeysOf(base, trust);
    // Those behind the one reached are history, and one that asks for what is so already does not concern a host that joined later.
    const concern = refused.find(({ signed: { rotation } }) => rotation.serial > trust.serial && !isInEffect(trusted, rotation));
    if (concern === undefined || concern.reason === "stale") this.#say(unreadable);
    else this.#say(`key rotation ${concern.signed.rotation.serial} is not followed: ${refusals[concern.reason]}.`);
  }

  #say(note: string): void {
    if (note === this.#note) return;
    this.#note = note;
    if (note !== "") this.#options.logger.error(note);
    this.#options.onChange();
  }

  #base(): Promise<readonly TrustedKey[]> {
    const { fromToken, directories, logger } = this.#options;
    return baseKeys({ fromToken: fromToken(), ...(directories === undefined ? {} : { directories }), logger });
  }

  async #instant(state: KeptTrust): Promise<number> {
    const { wallClock = Date.now, bootedCommitAt } = this.#options;
    // It does not change while this process lives.
    this.#bootedCommitAt ??= await bootedCommitAt();
    return trustInstant({ wallClock: wallClock(), bootedCommit: this.#bootedCommitAt, state });
  }
}

/** In the order of their serials. What cannot be read does not keep the others from being followed. */
function readAll(documents: readonly string[]): { readonly rotations: readonly SignedRotation[]; readonly unreadable: string } {
  const rotations: SignedRotation[] = [];
  let unreadable = "";
  for (const document of documents) {
    try {
      rotations.push(readRotation(Buffer.from(document)));
    } catch (error) {
      if (!(error instanceof RotationError)) throw error;
      unreadable = `a key rotation that the server sent cannot be read, and is not followed: ${error.message}`;
    }
  }
  return { rotations: rotations.sort((a, b) => a.rotation.serial - b.rotation.serial), unreadable };
}
