export * from "./command.ts";
export * from "./directory.ts";
export * from "./permission.ts";
export * from "./principal.ts";
export * from "./reach.ts";
export * from "./role.ts";
