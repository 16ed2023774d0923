import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "@treeline/process";

/** Called at named points of an upgrade; does nothing outside of tests. */
export type Hold = (point: string) => Promise<void>;

export const noHold: Hold = () => Promise.resolve();

type Environment = Readonly<Record<string, string | undefined>>;

/** Set by the build of the executable (tools/build-agent): what stands behind its mention is then left out. Nothing sets it where the agent runs from its sources. */
declare const TREELINE_RELEASE_BUILD: true | undefined;

/**
 * For tests of crashes: at the point that TREELINE_TEST_HOLD names it creates `test-hold/POINT` in the state directory and waits while that file exists. Points:
 * the name of each step before it is done ("deploy"), `after-STEP` after it ("after-confirm"), and "stage:pull" between signature and content.
 */
export function holdFrom(environment: Environment, options: { readonly stateDirectory: string; readonly signal: AbortSignal }): Hold {
  if (typeof TREELINE_RELEASE_BUILD !== "undefined") return noHold;
  const { TREELINE_TEST_HOLD: at } = environment;
  if (at === undefined || at === "") return noHold;
  const { stateDirectory, signal } = options;
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

/** The environment without what is no setting, but this module's. */
export function settingsIn(environment: Environment): Environment {
  if (typeof TREELINE_RELEASE_BUILD !== "undefined") return environment;
  const { TREELINE_TEST_HOLD: _, ...settings } = environment;
  return settings;
}
