export * from "./guard.ts";
export * from "./hooks.ts";
export * from "./journal.ts";
export * from "./keep.ts";
export { plan } from "./plan.ts";
export * from "./report.ts";
export * from "./result.ts";
export * from "./taken-from-here.ts";
export * from "./view.ts";
