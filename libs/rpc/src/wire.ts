/** All messages of treeline.v1 as generated: `X` is what we send, `X__Output` what we receive. */
export type * as wire from "./generated/wire.ts";
