import type { Trust } from "@treeline/fleet";
import { applyRotation, keysValidAt, readRotation, RotationError, trustedKeysOf, trustInstant, type RotationRefusal, type SignedRotation, type TrustedKey } from "@treeline/ostree";
import type { Logger } from "@treeline/process";
import { baseKeys } from "./base-keys.ts";
import { documentId, isSettled, noneRefused, refusalNote, refused, refusedUnread, removeRefusals, writeRefusals, type Refusal, type Refusals } from "./refusal.ts";
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

/** How many refused rotations one process logs, and how many of them it names to a person: a hostile server invents them without end. */
const limits = { logged: 128, named: 8 } as const;

/**
 * The release keys of this host: what it was given (token, image, administrator) and what signed rotations made of it.
 *
 * INVARIANTS (beside those of trusted-key.ts)
 * - What `valid` says follows from rotations that are durable here.
 * - Where the file of followed rotations is damaged nothing is trusted, and nothing is followed.
 * - A rotation above the serial reached that is not followed is logged once and stands in the file of refusals, whatever it asks for; in `report`, too, unless
 *   it is settled (`isSettled`).
 * - What a server sends costs bounded memory, disk and log: of messages that wait only the newest is kept, and refusals beyond `limits` are only counted.
 */
export class TrustedKeys {
  readonly #options: TrustedKeysOptions;
  #trust: KeptTrust | Error;
  #refusals: Refusals = noneRefused;
  readonly #logged = new Set<string>();
  #failure = "";
  #bootedCommitAt: number | undefined;
  /** Each message has all rotations there are, so the newest stands for those before it. */
  #documents: readonly string[] | undefined;
  #due = false;
  #last: Promise<void> = Promise.resolve();

  private constructor(options: TrustedKeysOptions, trust: KeptTrust | Error) {
    this.#options = options;
    this.#trust = trust;
  }

  /** Never rejects: a damaged file is in `report`, and what `valid` throws. */
  static async open(options: TrustedKeysOptions): Promise<TrustedKeys> {
    const { stateDirectory, logger } = options;
    const trust = await readTrust(stateDirectory).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    if (trust instanceof Error) logger.error("no release key is trusted", { err: trust });
    // What an earlier process was sent is not known to be so still.
    await removeRefusals(stateDirectory).catch((err: unknown) => logger.warn("what was said of key rotations stays until there is more to say", { err }));
    return new TrustedKeys(options, trust);
  }

  /** For the observation. */
  get report(): Trust {
    if (this.#trust instanceof Error) return { serial: 0, note: this.#trust.message };
    const notes = [this.#failure, refusalNote(this.#refusals)];
    return { serial: this.#trust.serial, note: notes.filter((note) => note !== "").join(" ") };
  }

  /** The keys that may sign a release now. @throws OstreeError when what rotations said cannot be read */
  async valid(): Promise<readonly string[]> {
    // A rotation that came before the question counts.
    await this.#last;
    // The key that signed it may have begun since, and the disk may have room again: the server sends it anew only with the next session.
    if (this.#documents !== undefined && this.report.note !== "") await this.follow(this.#documents);
    if (this.#trust instanceof Error) throw this.#trust;
    return keysValidAt(trustedKeysOf(await this.#base(), this.#trust), await this.#instant(this.#trust));
  }

  /**
   * Follows those of the server's rotations that this host trusts and has not followed yet. `documents` are all that the server has. Resolves when that is
   * durable; never rejects.
   */
  follow(documents: readonly string[]): Promise<void> {
    this.#documents = documents;
    if (this.#due) return this.#last;
    this.#due = true;
    this.#last = this.#last.then(async () => {
      this.#due = false;
      try {
        await this.#follow(this.#documents ?? []);
        this.#fails("");
      } catch (error) {
        this.#fails(`key rotations could not be followed: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
    return this.#last;
  }

  async #follow(documents: readonly string[]): Promise<void> {
    const { stateDirectory, logger } = this.#options;
    const before = this.#trust;
    if (before instanceof Error) return;
    const { rotations, unread } = readAll(documents);
    const base = await this.#base();
    let trust = before;
    const notFollowed: { readonly document: string; readonly signed: SignedRotation; readonly reason: Exclude<RotationRefusal, "stale"> }[] = [];
    const followed: Readonly<Record<string, unknown>>[] = [];
    for (const { document, signed } of rotations) {
      const result = applyRotation({ base, state: trust, signed, at: await this.#instant(trust) });
      if (result.ok) {
        // What a newer agent keeps there stays.
        trust = { ...trust, ...result.state };
        followed.push({ serial: trust.serial, signer: result.signer, trusts: signed.rotation.trust, retires: signed.rotation.retire });
      } else if (result.reason !== "stale") notFollowed.push({ document, signed, reason: result.reason });
    }
    if (trust !== before) {
      await writeTrust(stateDirectory, trust);
      this.#trust = trust;
      for (const fields of followed) logger.info("a key rotation is followed", fields);
      this.#options.onChange();
    }
    const trusted = trustedKeysOf(base, trust);
    // Those behind the one reached are history.
    const ahead = notFollowed.filter(({ signed }) => signed.rotation.serial > trust.serial);
    const refusals = ahead.map((one) => refused({ ...one, serial: one.signed.rotation.serial, isSettled: isSettled({ ...one, trusted }) }));
    await this.#refuse([...refusals.sort((a, b) => Number(a.isSettled ?? false) - Number(b.isSettled ?? false)), ...unread]);
  }

  async #refuse(found: readonly Refusal[]): Promise<void> {
    const { stateDirectory, logger, onChange } = this.#options;
    for (const { text, ...fields } of found) {
      if (this.#logged.has(fields.document) || this.#logged.size >= limits.logged) continue;
      this.#logged.add(fields.document);
      if (fields.isSettled === true) logger.info(text, fields);
      else logger.warn(text, fields);
      if (this.#logged.size === limits.logged) logger.warn("further key rotations that are not followed are only counted, until this agent starts again", { logged: limits.logged });
    }
    const named = found.filter(({ document }) => this.#logged.has(document)).slice(0, limits.named);
    const more = found.filter((one) => one.isSettled !== true && !named.includes(one)).length;
    const refusals = { rotations: named, more };
    if (JSON.stringify(refusals) === JSON.stringify(this.#refusals)) return;
    this.#refusals = refusals;
    onChange();
    await writeRefusals(stateDirectory, refusals).catch((err: unknown) => logger.warn("`treeline-agent status` cannot show which key rotations are not followed", { err }));
  }

  #fails(failure: string): void {
    if (failure === this.#failure) return;
    this.#failure = failure;
    if (failure !== "") this.#options.logger.error(failure);
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
function readAll(documents: readonly string[]): { readonly rotations: readonly { readonly document: string; readonly signed: SignedRotation }[]; readonly unread: readonly Refusal[] } {
  const rotations: { readonly document: string; readonly signed: SignedRotation }[] = [];
  const unread: Refusal[] = [];
  for (const text of new Set(documents)) {
    const bytes = Buffer.from(text);
    const document = documentId(bytes);
    try {
      rotations.push({ document, signed: readRotation(bytes) });
    } catch (error) {
      if (!(error instanceof RotationError)) throw error;
      unread.push(refusedUnread(document, error));
    }
  }
  return { rotations: rotations.sort((a, b) => a.signed.rotation.serial - b.signed.rotation.serial), unread };
}
