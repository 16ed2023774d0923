export * from "./journal.ts";
export { plan, type Confirmation, type Limits, type Step, type View } from "./plan.ts";
export * from "./report.ts";
export * from "./result.ts";
