import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "@treeline/process";

/** Called at named points of an upgrade; does nothing outside of tests. */
export type Hold = (point: string) => Promise<void>;

export const noHold: Hold = () => Promise.resolve();

/**
 * For tests of crashes: at the point named `at` it creates `test-hold/POINT` in the state directory and waits while that file exists. Points: the name of each
 * step before it is done ("deploy"), `after-STEP` after it ("after-confirm"), and "stage:pull" between signature and content.
 */
export function testHold(options: { readonly stateDirectory: string; readonly at: string; readonly signal: AbortSignal }): Hold {
  const { stateDirectory, at, signal } = options;
  const directory = join(stateDirectory, "test-hold");
  return async (point) => {
    if (point !== at) return;
    const file = join(directory, point);
    await mkdir(directory, { recursive: true });
    await writeFile(file, "");
    while (!signal.aborted && (await stat(file).catch(() => undefined)) !== undefined) await sleep(20, signal);
    await rm(file, { force: true });
  };
}
