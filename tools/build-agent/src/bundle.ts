import path from "node:path";
import { build, type Plugin } from "esbuild";
import { embedded } from "./embedded.ts";

/** The agent as one script. */
export interface Bundle {
  readonly script: Uint8Array;
  /** Every file it was made of, relative to the checkout. */
  readonly sources: readonly string[];
}

/** Zod's messages in fifty languages, which nobody asks for: they come along because its one object offers them all. English, its default, is named elsewhere. */
const leftOut: Plugin = {
  name: "left-out",
  setup: (building) => building.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({ contents: "export {};" })),
};

/**
 * Bundles the agent with all its packages. CommonJS, because that is what Node 24 starts inside a single executable; a module that the agent imports late is
 * still run late. Names are kept, so that a stack trace in a log says something. @throws Error naming what esbuild could not do
 */
export async function bundleAgent(root: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [path.join(root, "apps/agent/src/main.ts")],
    outfile: "treeline-agent.cjs",
    write: false,
    metafile: true,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    // The points at which tests of crashes stop an agent are not in it.
    define: { TREELINE_RELEASE_BUILD: "true" },
    minifyWhitespace: true,
    minifySyntax: true,
    // The notices are in the package's copyright file.
    legalComments: "none",
    plugins: [embedded(root), leftOut],
    // A file beside the script is not there on a host. What says `import.meta` in the bundle would look for one.
    logOverride: { "empty-import-meta": "error" },
    logLevel: "silent",
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error("esbuild wrote nothing");
  return { script: output.contents, sources: Object.keys(metafile.inputs).sort() };
}
