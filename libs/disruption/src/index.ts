export * from "./budget.ts";
export * from "./ledger.ts";
export * from "./request-slot.ts";
export * from "./slot.ts";
