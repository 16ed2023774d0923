/** The step "supply chain" of `npm test`: writes the software bill of materials to reports/, checks licences, sources and install scripts. */
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { problemsOf, type Component, type LockedPackage } from "./supply-chain.ts";

const root = path.resolve(import.meta.dirname, "../../..");
// From the lock file: what is installed on this machine may be only part of it (other platforms' binaries, or a workspace not linked yet).
const { stdout } = await promisify(execFile)("npm", ["sbom", "--package-lock-only", "--sbom-format", "cyclonedx"], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
await mkdir(path.join(root, "reports"), { recursive: true });
await writeFile(path.join(root, "reports/sbom.cyclonedx.json"), stdout);

const { components } = JSON.parse(stdout) as { readonly components: readonly (Component & { readonly purl?: string })[] };
const { packages } = JSON.parse(await readFile(path.join(root, "package-lock.json"), "utf8")) as { readonly packages: Readonly<Record<string, LockedPackage>> };
const { allowScripts } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8")) as { readonly allowScripts: Readonly<Record<string, boolean>> };
const problems = problemsOf({ components, locked: packages, allowScripts });
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`${components.length} packages in reports/sbom.cyclonedx.json, ${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
