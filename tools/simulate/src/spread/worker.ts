import { parentPort, workerData } from "node:worker_threads";
import type { Mutation } from "../self-test/mutation.ts";
import type { RunOptions, RunResult } from "../run.ts";

/** What a worker is told to do, and what it answers. */
export interface Order {
  readonly id: number;
  readonly options: RunOptions;
}
export type Reply = { readonly id: number; readonly result: RunResult } | { readonly id: number; readonly error: string };

const mutation = workerData as Mutation | undefined;
// Before anything of the engine is loaded.
if (mutation !== undefined) (await import("../self-test/mutate.ts")).mutate(mutation);
const { simulate } = await import("../run.ts");

parentPort?.on("message", ({ id, options }: Order) => {
  simulate(options).then(
    (result) => parentPort?.postMessage({ id, result } satisfies Reply),
    (error: unknown) =>
      parentPort?.postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Reply),
  );
});
