import { status } from "@grpc/grpc-js";
import type { Fleet } from "@treeline/control";
import { maxKeyRotations, type KeyRotationRecord } from "@treeline/fleet";
import { readRotation, RotationError, rotationSigners, type SignedRotation } from "@treeline/ostree";
import { RpcError, type wire } from "@treeline/rpc";
import { actorOf, type Caller } from "../access/caller.ts";
import type { KnownTrust } from "../release/known-keys.ts";
import { invalidRequest } from "./operator-command.ts";

/** How far in the future a rotation may say it was issued, in milliseconds: hosts take that instant for a clock, and never go behind it again. */
const maxAheadMillis = 24 * 3_600_000;

export interface KeyRotationsOptions {
  readonly fleet: Fleet;
  /** What hosts are known to trust now; no valid key: it is not known what they trust. */
  readonly knownTrust: () => KnownTrust;
  readonly now: () => number;
}

/**
 * Key rotations as operators publish and see them. INVARIANT: serials grow, and a stored rotation never changes: hosts go by them. What is refused here is
 * refused for the operator's sake: hosts believe the signature alone.
 */
export class KeyRotations {
  readonly #options: KeyRotationsOptions;

  constructor(options: KeyRotationsOptions) {
    this.#options = options;
  }

  list(): wire.ListKeyRotationsResponse {
    const rotations = [...this.#options.fleet.durable.keyRotations.values()].sort((a, b) => a.serial - b.serial);
    return { rotations: rotations.map(rotationView) };
  }

  async publish({ document }: wire.PublishKeyRotationRequest__Output, caller: Caller): Promise<wire.PublishKeyRotationResponse> {
    const { fleet, knownTrust, now } = this.#options;
    const signed = readDocument(document);
    const { serial, issuedAt, trust, retire } = signed.rotation;
    const stored = await fleet.transact(({ keyRotations }) => {
      const same = keyRotations.get(serial);
      // An answer may have been lost.
      if (same?.document === document) return { changes: [], result: same };
      const newest = Math.max(0, ...keyRotations.keys());
      if (serial <= newest)
        throw new RpcError(`serial ${serial} is not above ${newest}, which is the newest published`, { status: status.ALREADY_EXISTS, reason: "SERIAL_USED", subject: `rotation ${serial}`, remedy: `make the rotation again with --serial ${newest + 1}` });
      if (keyRotations.size >= maxKeyRotations)
        throw new RpcError(`${maxKeyRotations} rotations are stored, and no more can be`, { status: status.RESOURCE_EXHAUSTED, reason: "TOO_MANY_ROTATIONS", subject: `rotation ${serial}`, remedy: "give hosts their keys by their image, and begin with a new server's database" });
      const at = now();
      if (issuedAt > at + maxAheadMillis) throw invalidRequest("document", `says it was issued at ${new Date(issuedAt).toISOString()}, which has not come; set the clock where it was signed, and make it again`);
      const known = knownTrust();
      requireKnownSigner(signed, known.valid);
      requireNoneRetired(signed, known.retired);
      const value: KeyRotationRecord = { serial, document, publishedAt: at, publishedBy: caller.principal.id };
      const because = `trusts ${trust.map(({ key }) => key).join(", ") || "no new key"}; retires ${retire.join(", ") || "none"}`;
      const audit = [{ at, ...actorOf(caller), action: "publish-key-rotation", subject: `rotation ${serial}`, because }];
      return { changes: [{ kind: "key-rotation", value }], audit, result: value };
    });
    return { rotation: rotationView(stored) };
  }
}

/** Every signature must be one: a document with a spoilt one was damaged on its way. */
function readDocument(document: string): SignedRotation {
  try {
    const signed = readRotation(Buffer.from(document));
    const keys = signed.signatures.map(({ key }) => key);
    const good = new Set(rotationSigners(signed, keys));
    const bad = keys.find((key) => !good.has(key));
    if (bad !== undefined) throw invalidRequest("document", `its signature by ${bad} does not fit; make it again with \`treeline release rotate-keys\``);
    return signed;
  } catch (error) {
    if (error instanceof RotationError) throw invalidRequest("document", error.message);
    throw error;
  }
}

function requireKnownSigner(signed: SignedRotation, known: readonly string[]): void {
  if (known.length === 0 || rotationSigners(signed, known).length > 0) return;
  throw new RpcError("the rotation is signed by no key that hosts are known to trust", {
    status: status.FAILED_PRECONDITION,
    reason: "SIGNATURE_UNTRUSTED_KEY",
    subject: `rotation ${signed.rotation.serial}`,
    remedy: "sign it with a key that is trusted now: one of releases.keys, of an enrollment token or of an earlier rotation, neither retired nor outside its window",
  });
}

function requireNoneRetired({ rotation: { serial, trust } }: SignedRotation, retired: readonly string[]): void {
  const again = trust.find(({ key }) => retired.includes(key));
  if (again === undefined) return;
  throw new RpcError(`the rotation trusts ${again.key} again, which was retired for good`, {
    status: status.FAILED_PRECONDITION,
    reason: "KEY_RETIRED",
    subject: `rotation ${serial}`,
    remedy: "make a new key with `treeline release keygen`, and a rotation that adds that one",
  });
}

function rotationView({ serial, document, publishedAt, publishedBy }: KeyRotationRecord): wire.KeyRotation {
  const signed = readRotation(Buffer.from(document));
  const signedBy = rotationSigners(signed, signed.signatures.map(({ key }) => key));
  return { serial: String(serial), issuedAtMillis: String(signed.rotation.issuedAt), signedBy: [...signedBy], publishedAtMillis: String(publishedAt), publishedBy, document };
}
