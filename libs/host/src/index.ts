export { readBootId, uptimeMillis } from "./boot.ts";
export * from "./host-error.ts";
export * from "./inventory.ts";
