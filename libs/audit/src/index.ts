export * from "./chain.ts";
export * from "./checkpoint.ts";
export type * from "./row.ts";
