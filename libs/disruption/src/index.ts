export * from "./ledger.ts";
export * from "./slot.ts";
