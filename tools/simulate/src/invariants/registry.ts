import { deployOnlyConfirmed, nothingConfirmedAfterStop, onlyTheNewestWrites } from "./confirmations.ts";
import { agendaIsComplete, incrementalIsRebuilt } from "./derived.ts";
import { acknowledgedIsDurable } from "./durability.ts";
import type { Invariant } from "./invariant.ts";
import { everyRunEnds } from "./liveness.ts";
import { oneIntentPerNode, rolledBackNotSentAgain } from "./orders.ts";
import { gateClosesAtOnce } from "./progress.ts";
import { budgetNeverEnlarged, slotHasOwner, slotReleasedOnlyByEvidence } from "./slots.ts";
import { updatedOnlyWithProof } from "./updates.ts";
import { wavesInOrder } from "./waves.ts";

/** Every invariant that a run is held against. */
export const invariants: readonly Invariant[] = [
  budgetNeverEnlarged,
  slotHasOwner,
  slotReleasedOnlyByEvidence,
  deployOnlyConfirmed,
  nothingConfirmedAfterStop,
  onlyTheNewestWrites,
  oneIntentPerNode,
  updatedOnlyWithProof,
  rolledBackNotSentAgain,
  gateClosesAtOnce,
  wavesInOrder,
  acknowledgedIsDurable,
  incrementalIsRebuilt,
  agendaIsComplete,
  everyRunEnds,
];

/** Broken by a server that throws where it must not, and by a host that does what its own plan forbids. */
export const noDefect = "NoDefect";
