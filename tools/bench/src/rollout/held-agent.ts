import type { AttemptOrder, Generation, Intent, UpdateState } from "@treeline/fleet";
import { serverMessageFromProto, services, type wire } from "@treeline/rpc";
import { frameOf, openingFrames } from "../session/agent-messages.ts";
import { LoadAgent } from "../session/load-agent.ts";
import type { NodeIdentity } from "../session/node-identities.ts";

/** What runs on the host that `openingFrames` describes. */
const base = { checksum: "4f".repeat(32), serial: 0 };

export interface HeldAgentOptions {
  readonly port: number;
  readonly caPem: string;
  readonly identity: NodeIdentity;
  /** It was granted a slot and says that it drains: it goes no further. */
  readonly onHeld: () => void;
  /** Its attempt was called off. */
  readonly onCalledOff: () => void;
  readonly onEnd: (reason: string) => void;
}

/** An agent that takes an update up to its slot and then waits there, over the real session protocol. Called off, it gives the attempt up at once. */
export class HeldAgent {
  readonly #agent: LoadAgent;
  readonly #options: HeldAgentOptions;
  readonly #opening: ReturnType<typeof openingFrames>;
  #sequence = 1;
  #isHeld = false;

  constructor(options: HeldAgentOptions) {
    this.#options = options;
    const { port, caPem, identity, onEnd } = options;
    this.#opening = openingFrames(identity.hostname);
    this.#agent = new LoadAgent({ port, caPem, identity, onEnd, onFrame: (frame) => this.#receive(frame) });
    this.#agent.send(this.#opening.hello);
  }

  #receive(frame: Buffer): void {
    const deserialize = services.agent.Session.responseDeserialize as (bytes: Buffer) => wire.SessionResponse__Output;
    const message = serverMessageFromProto(deserialize(frame.subarray(5)));
    if (message.kind === "welcome") this.#agent.send(this.#opening.observation);
    else if (message.kind === "intent") this.#obey(message.intent);
  }

  #obey({ attempt, generation, target }: Intent): void {
    if (attempt === undefined) {
      if (this.#isHeld) this.#options.onCalledOff();
      this.#isHeld = false;
      this.#report({ phase: "Idle" }, generation);
      return;
    }
    const phase = attempt.permission === undefined ? "Staged" : "Draining";
    this.#report({ phase, open: { attempt: attempt.ref, target, base, phase } }, generation);
    if (!isGranted(attempt) || this.#isHeld) return;
    this.#isHeld = true;
    this.#options.onHeld();
  }

  #report(update: Pick<UpdateState, "phase" | "open">, highest: Generation): void {
    const whole: UpdateState = { reason: "", closed: [], denied: [], highest, ...update };
    this.#agent.send(frameOf({ kind: "observation", sequence: ++this.#sequence, full: false, delta: { update: whole } }));
  }
}

function isGranted({ permission }: AttemptOrder): boolean {
  return permission !== undefined;
}
