import { currentNodeProblem, type NodeId } from "@treeline/fleet";
import type { Change } from "@treeline/rollout";
import { Conversation, type ConversationContext, type Party } from "./conversation.ts";
import { NodeRefusedError, SessionReplacedError } from "./error.ts";
import type { Fleet } from "./fleet.ts";

/**
 * All live conversations, one per node: a newer one replaces an older, whose transport may be half-open. Each is told of its node's new
 * intents and of key rotations, and ends when its node is revoked, once that is durable.
 */
export class Conversations {
  readonly #context: ConversationContext;
  readonly #byNode = new Map<NodeId, Conversation>();
  readonly #unsubscribe: () => void;

  constructor(context: ConversationContext) {
    this.#context = context;
    this.#unsubscribe = context.fleet.onDurable((changes) => this.#follow(changes));
  }

  get size(): number {
    return this.#byNode.size;
  }

  get(nodeId: NodeId): Conversation | undefined {
    return this.#byNode.get(nodeId);
  }

  /** @throws NodeRefusedError when the node may not act: nothing has begun, and an older conversation goes on */
  begin(party: Party): Conversation {
    const { nodeId } = party;
    requireCurrentNode(this.#context.fleet, nodeId);
    // Ended first: it takes itself out of the map, and must not take out its successor.
    this.#byNode.get(nodeId)?.end(new SessionReplacedError(nodeId));
    const onEnd = (reason?: unknown): void => {
      this.#byNode.delete(nodeId);
      party.onEnd(reason);
    };
    const conversation = new Conversation({ context: this.#context, party: { ...party, onEnd } });
    this.#byNode.set(nodeId, conversation);
    return conversation;
  }

  /** Ends all of them, each with this reason, and follows the fleet no longer. */
  close(reason: unknown): void {
    this.#unsubscribe();
    for (const conversation of [...this.#byNode.values()]) conversation.end(reason);
  }

  #follow(changes: readonly Change[]): void {
    if (changes.some(({ kind }) => kind === "key-rotation"))
      for (const conversation of [...this.#byNode.values()]) conversation.sendKeyRotations();
    for (const change of changes) {
      if (change.kind === "intent") this.#byNode.get(change.value.nodeId)?.sendIntent();
      if (change.kind === "node" && change.value.revokedAt !== undefined)
        this.#byNode.get(change.value.id)?.end(new NodeRefusedError(change.value.id, "the node was revoked"));
    }
  }
}

/** @throws NodeRefusedError when the node is not enrolled or was revoked, as far as is durable */
export function requireCurrentNode(fleet: Fleet, nodeId: NodeId): void {
  const problem = currentNodeProblem(fleet.durable.nodes.get(nodeId));
  if (problem !== undefined) throw new NodeRefusedError(nodeId, problem);
}
