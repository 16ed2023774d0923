export type { AuditQuery } from "./audit-query.ts";
export * from "./errors.ts";
export * from "./memory-store.ts";
export { openSqliteStore, type SqliteStore, type SqliteStoreOptions, type StoreLogger } from "./sqlite-store.ts";
export type { SqliteStatistics } from "./sqlite-calls.ts";
export type * from "./store.ts";
