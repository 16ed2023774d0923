import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { PackagedFile } from "./package-contents.ts";
import { placeFiles, sourceEpoch } from "./placed-files.ts";

const run = promisify(execFile);

/** Debian's names of the architectures that Node has builds for. */
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

export interface DebianPackageOptions {
  readonly root: string;
  readonly version: string;
  readonly files: readonly PackagedFile[];
  /** Units that installing enables. */
  readonly enabledUnits: readonly string[];
  /** Where to write NAME_VERSION_ARCHITECTURE.deb. */
  readonly directory: string;
}

/** Writes the .deb and returns its path. @throws Error of dpkg-deb, or when Debian has no name for this architecture */
export async function writeDebianPackage({ root, version, files, enabledUnits, directory }: DebianPackageOptions): Promise<string> {
  const architecture = architectures[process.arch];
  if (architecture === undefined) throw new Error(`no Debian package for ${process.arch}`);
  const tree = await mkdtemp(path.join(tmpdir(), "treeline-deb-"));
  try {
    await chmod(tree, 0o755);
    await placeFiles(tree, files);
    // Not in /usr/share/doc: minimal images leave that out.
    await mkdir(path.join(tree, "etc/treeline"), { recursive: true });
    const filled = async (name: string): Promise<string> =>
      Object.entries({
        VERSION: version,
        ARCHITECTURE: architecture,
        INSTALLED_SIZE: String(Math.ceil(files.reduce((sum, { content }) => sum + content.length, 0) / 1024)),
        UNITS: enabledUnits.join(" "),
      }).reduce((text, [key, value]) => text.replaceAll(`@${key}@`, value), await readFile(path.join(root, "apps/agent/packaging/debian", name), "utf8"));
    const control = path.join(tree, "DEBIAN");
    await mkdir(control);
    await writeFile(path.join(control, "control"), await filled("control"));
    await writeFile(path.join(control, "md5sums"), files.map(({ target, content }) => `${createHash("md5").update(content).digest("hex")}  ${target.slice(1)}\n`).join(""));
    for (const script of ["postinst", "postrm"]) {
      await writeFile(path.join(control, script), await filled(script));
      await chmod(path.join(control, script), 0o755);
    }
    const file = path.join(directory, `treeline-agent_${version}_${architecture}.deb`);
    // gzip: a tenth of the time that xz takes, and every dpkg reads it.
    await run("dpkg-deb", ["--root-owner-group", "-Zgzip", "--build", tree, file], { env: { ...process.env, SOURCE_DATE_EPOCH: sourceEpoch() } });
    return file;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}
