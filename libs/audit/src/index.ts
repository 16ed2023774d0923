export * from "./chain.ts";
export * from "./checkpoint.ts";
export type { Finding, FindingKind } from "./finding.ts";
export * from "./refusal.ts";
export type * from "./row.ts";
export * from "./verify.ts";
export { shownChanges } from "./shown.ts";
