// Writes src/generated/ from proto/. `node generate.mjs [FOLDER]` writes elsewhere: the drift test compares the two.
// The flags here and the options in src/definition.ts describe the same objects and change together.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const here = import.meta.dirname;
const protoFolder = resolve(here, "../../proto");
const target = resolve(process.argv[2] ?? join(here, "src/generated"));
const loader = createRequire(import.meta.url).resolve("@grpc/proto-loader");
const generator = join(dirname(loader), "../bin/proto-loader-gen-types.js");

const files = readdirSync(join(protoFolder, "treeline/v1"))
  .sort()
  .map((name) => `treeline/v1/${name}`);
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
// From the proto folder and with relative paths: the generator writes the path it was given into every file.
execFileSync(
  process.execPath,
  [
    generator,
    ...["--longs=String", "--enums=String", "--defaults", "--oneofs", "--grpcLib=@grpc/grpc-js", "--importFileExtension=.ts"],
    ...["-I", ".", "third_party", "-O", target],
    ...["google/rpc/status.proto", ...files],
  ],
  { cwd: protoFolder, stdio: ["ignore", "ignore", "inherit"] },
);

// Files without a service declare two things they do not use; strict TypeScript refuses that.
for (const name of readdirSync(target).filter((file) => file.endsWith(".ts"))) {
  const path = join(target, name);
  const text = readFileSync(path, "utf8");
  if (text.includes(": SubtypeConstructor<")) continue;
  writeFileSync(path, text.replace(/^import type \* as grpc .*\n/m, "").replace(/^type SubtypeConstructor<[\s\S]*?^};\n\n/m, ""));
}

// One door to all messages of our package, so that `import type { wire }` is enough.
const names = readdirSync(join(target, "treeline/v1")).sort();
writeFileSync(join(target, "wire.ts"), names.map((name) => `export type * from "./treeline/v1/${name}";\n`).join(""));
// Who may call what, from the annotations: a method without one has no place in the table, and so there is no table.
const { loadSync } = createRequire(import.meta.url)("@grpc/proto-loader");
const loaded = loadSync(files, { includeDirs: [protoFolder, join(protoFolder, "third_party")] });
const methods = Object.values(loaded).flatMap((item) => ("format" in item ? [] : Object.values(item)));
const rules = methods
  .sort((a, b) => (a.path < b.path ? -1 : 1))
  .map(({ path, options }) => `  "${path}": ${ruleOf(path, options["(access)"])},\n`);
const header = 'import type { AccessRule } from "@treeline/access";\n\n// Generated from the `access` option of each method.\n';
writeFileSync(
  join(target, "access.ts"),
  `${header}export const accessRules = {\n${rules.join("")}} as const satisfies Readonly<Record<string, AccessRule>>;\n`,
);

function ruleOf(path, access) {
  const { verb, resource, fleet_only: fleetOnly = false, to = "permitted" } = access ?? {};
  if ((to === "permitted") !== (verb !== undefined && resource !== undefined))
    throw new Error(
      `${path} does not say who may call it: add \`option (access) = {verb: "…" resource: "…"}\` or one with \`to\` (proto/treeline/v1/access.proto)`,
    );
  return to === "permitted" ? JSON.stringify({ to, resource, verb, fleetOnly }) : JSON.stringify({ to });
}
process.stdout.write(`${names.length} types in ${target}\n`);
