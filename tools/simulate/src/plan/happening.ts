/** When something happens: at an instant, or when somebody does something for the n-th time. The latter hits every step of an upgrade alike. */
export type When =
  | { readonly at: number }
  | { readonly node: string; readonly nth: number; readonly of: NodeCount }
  | { readonly nth: number; readonly of: "commit" };

/** What is counted on a node: steps of its agent, messages of its sessions, questions for the point of no return. */
export type NodeCount = "step" | "message-up" | "message-down" | "question";

/** What an operator does. `pick` chooses among what there is then. */
export type OperatorAct =
  | { readonly verb: "pause" | "resume" | "abort" | "rollback" | "retry" | "start" | "approve"; readonly pick: number }
  | { readonly verb: "stop-all"; readonly selector: string; readonly sparesRollbacks: boolean }
  | { readonly verb: "resume-all" }
  | { readonly verb: "write-off" | "clear" | "revoke"; readonly pick: number }
  | { readonly verb: "relabel"; readonly pick: number }
  | { readonly verb: "budget"; readonly pick: number };

export type What =
  /** On a stream nothing is lost in the middle: losing a message breaks it. `silently`: neither side is told, only the lease tells. */
  | { readonly kind: "message-lost"; readonly silently: boolean }
  | { readonly kind: "message-late"; readonly millis: number }
  | { readonly kind: "question-lost" | "answer-lost" }
  | { readonly kind: "question-late" | "answer-late" | "question-repeated"; readonly millis: number }
  | { readonly kind: "agent-crash"; readonly upTo: "nothing" | "journal" | "all" }
  | { readonly kind: "power-cut"; readonly downMillis: number }
  /** The agent's journal is gone: it begins with an empty one, and what ostree says. */
  | { readonly kind: "journal-lost" }
  /** For ever. */
  | { readonly kind: "node-dies" }
  /** A required check fails for a while, whatever is booted. */
  | { readonly kind: "node-red"; readonly node: string; readonly millis: number }
  /** A person makes the other deployment the default. */
  | { readonly kind: "default-switched" }
  | { readonly kind: "partition"; readonly nodes: readonly string[]; readonly millis: number }
  | { readonly kind: "server-crash"; readonly point: "now" | "before-commit" | "after-commit"; readonly downMillis: number }
  /** A second server begins while the first one lives on, cut off from the store for a while and still talking to some agents. */
  | { readonly kind: "second-server"; readonly storeCutMillis: number; readonly share: number }
  | { readonly kind: "wall-clock-step"; readonly millis: number }
  | { readonly kind: "store-slow"; readonly millis: number; readonly lagMillis: number }
  | { readonly kind: "operator"; readonly act: OperatorAct };

/** One thing that goes wrong, or that a person does. Its ordinal names it for good: shrinking takes some away, the others stay what they are. */
export interface Happening {
  readonly ordinal: number;
  readonly when: When;
  readonly what: What;
}

/** One line for people. */
export function describeHappening({ ordinal, when, what }: Happening): string {
  const moment =
    "at" in when ? `at ${Math.round(when.at / 1000)} s` : "node" in when ? `${when.node}, ${when.of} ${when.nth}` : `commit ${when.nth}`;
  const { kind, ...details } = what;
  const rest = kind === "operator" ? { ...what.act } : details;
  const words = Object.entries(rest).map(
    ([key, value]) => `${key}=${Array.isArray(value) && value.length > 6 ? `${value.length} nodes` : String(value)}`,
  );
  return [`#${ordinal}`, kind, `(${moment})`, ...words].join(" ");
}
