import { readFileSync } from "node:fs";
import path from "node:path";
import { protoJson } from "@treeline/rpc/proto-json";
import type { Plugin } from "esbuild";

/**
 * What the agent reads from the checkout while it runs, put inside the bundle instead. Each module here exists in the checkout for this purpose: it
 * reads files, and nothing else; its replacement has the same exports.
 */
function replacements(root: string): Readonly<Record<string, () => string>> {
  const script = (name: string): readonly [string, string] => [name, readFileSync(path.join(root, "libs/ostree/src", name), "utf8")];
  return {
    "libs/rpc/src/load-protos.ts": () => `
      import { fromJSON } from "@grpc/proto-loader";
      const protos = ${literal(protoJson())};
      export const loadProtos = (options) => fromJSON(protos, options);`,
    "libs/ostree/src/script-text.ts": () => `
      const scripts = ${literal(Object.fromEntries(["set-default.py", "detached-metadata.py"].map(script)))};
      export const scriptText = (name) => scripts[name];`,
  };
}

/** As a string that is parsed: quicker for V8 than an object literal, and it takes no code space. */
function literal(value: unknown): string {
  return `JSON.parse(${JSON.stringify(JSON.stringify(value))})`;
}

/** Puts the protos and the Python scripts inside the bundle. A module that is no longer there makes the build fail: what it read would be looked for on the host. */
export function embedded(root: string): Plugin {
  return {
    name: "embedded",
    setup(build) {
      const wanted = new Map(Object.entries(replacements(root)).map(([file, contents]) => [path.join(root, file), contents]));
      const replaced = new Set<string>();
      build.onLoad({ filter: /\/libs\/[^/]+\/src\/[^/]+\.ts$/ }, ({ path: file }) => {
        const contents = wanted.get(file);
        if (contents === undefined) return undefined;
        replaced.add(file);
        return { contents: contents(), loader: "js", resolveDir: path.dirname(file) };
      });
      build.onEnd(() => ({
        errors: [...wanted.keys()].filter((file) => !replaced.has(file)).map((file) => ({ text: `${file} is not part of the agent any more: see what reads files now, and replace it in tools/build-agent/src/embedded.ts` })),
      }));
    },
  };
}
