import type { Intent } from "./attempt.ts";
import type { Target } from "./deployment.ts";
import type { Checksum, Instant, NodeId } from "./identity.ts";
import type { Labels } from "./labels.ts";
import type { Observation } from "./observation.ts";

/** An enrolled node. */
export interface NodeRecord {
  readonly id: NodeId;
  /** The host name it enrolled with: a label for people, not unique by force. */
  readonly name: string;
  readonly labels: Labels;
  readonly enrolledAt: Instant;
  /** SHA-256 of its public key (SPKI, hex): the same token with the same key is the same node. */
  readonly publicKey: string;
  readonly tokenId: string;
  readonly revokedAt?: Instant;
  readonly revokedBecause?: string;
  /** Set while an operator has written it off: no budget counts it, until it proves itself again. */
  readonly writtenOff?: Signed;
}

/** Who did it, when and why. */
export interface Signed {
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
}

/** The newest acknowledged observation of a node. */
export interface ObservationRecord {
  readonly nodeId: NodeId;
  readonly at: Instant;
  readonly agentVersion: string;
  readonly observation: Observation;
}

export interface ReleaseRecord extends Target {
  readonly publishedAt: Instant;
  /** Base64 ed25519 public keys its signatures were checked against at publication; empty when the server knows none. */
  readonly signedBy: readonly string[];
  readonly objects: number;
  readonly bytes: number;
  /** Why Treeline could not bring a node back from it: it was built without agent or boot guard. No rollout gives it to a node. Absent: it could. */
  readonly unmanaged?: string;
}

/** A signed document that says which keys sign releases from then on. The server carries it; only its signers are trusted for it. */
export interface KeyRotationRecord {
  readonly serial: number;
  /** As it was published. */
  readonly document: string;
  readonly publishedAt: Instant;
  readonly publishedBy: string;
}

/** Rotations are kept for ever, because a host that was away for years needs each of them, and all travel in one message. */
export const maxKeyRotations = 128;

export interface IntentRecord {
  readonly nodeId: NodeId;
  readonly intent: Intent;
}

export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the secret (hex). The secret itself is never stored. */
  readonly secretHash: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  /** Undefined: any number of nodes. */
  readonly uses?: number;
  readonly used: number;
  readonly labels: Labels;
  /** Public keys (base64, ed25519) that its nodes will trust. */
  readonly releaseKeys: readonly string[];
  readonly revokedAt?: Instant;
}

/** The answer an enrollment got, kept so that a lost reply can be given again. */
export interface EnrollmentRecord {
  readonly tokenId: string;
  readonly publicKey: string;
  readonly nodeId: NodeId;
  readonly certificatePem: string;
}

/** One life of the server process: `epoch` fences what it grants; the gaps between lives tell when the server was away. */
export interface ServerRunRecord {
  readonly epoch: number;
  readonly startedAt: Instant;
  readonly aliveAt: Instant;
}

/** node x commit: not tried again unless an operator clears it. */
export interface DenyRecord {
  readonly nodeId: NodeId;
  readonly checksum: Checksum;
  readonly reason: string;
  readonly at: Instant;
  /** An operator allows it again: the next attempt tells the node to forget its own denial, too. */
  readonly cleared?: Signed;
}

/** Why a node may not act any more, or undefined. */
export function currentNodeProblem(node: NodeRecord | undefined): string | undefined {
  if (node === undefined) return "the node is not enrolled here";
  return node.revokedAt === undefined ? undefined : `the node was revoked${node.revokedBecause ? `: ${node.revokedBecause}` : ""}`;
}
