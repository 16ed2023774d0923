import { access, readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** One file of a package. */
export interface PackagedFile {
  /** Absolute, on the host. */
  readonly target: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

/**
 * Where things lie on a host. `image`: below /usr, in the tree that the fleet's releases are composed of. `host`: where an immutable host that already runs
 * can be written, /usr/local (a link into /var on many) and /etc.
 */
export interface Layout {
  readonly bin: string;
  readonly lib: string;
  readonly units: string;
  readonly doc: string;
}

export const layouts = {
  image: { bin: "/usr/bin", lib: "/usr/lib/treeline", units: "/usr/lib/systemd/system", doc: "/usr/share/doc/treeline-agent" },
  host: { bin: "/usr/local/bin", lib: "/usr/local/lib/treeline", units: "/etc/systemd/system", doc: "/usr/local/share/doc/treeline-agent" },
} as const satisfies Readonly<Record<string, Layout>>;

/** The boot guard, which works without the agent: shell, and Python for the way back. */
const guardFiles = ["apps/agent/boot-guard/boot-guard", "libs/ostree/src/set-default.py"] as const;
const unitFolder = "apps/agent/systemd";

export interface ContentsOptions {
  /** The checkout. */
  readonly root: string;
  readonly executable: Uint8Array;
  readonly copyright: string;
  readonly layout: Layout;
}

/** What a package installs. Files of the image's layout name each other by its paths; for another layout the paths are changed in them. @throws Error when the checkout has no boot guard */
export async function packageContents({ root, executable, copyright, layout }: ContentsOptions): Promise<readonly PackagedFile[]> {
  const { bin, lib, units, doc } = layout;
  const text = async (file: string): Promise<string> => moved(await readFile(path.join(root, file), "utf8"), layout);
  const plain = async (file: string, target: string, mode = 0o644): Promise<PackagedFile> => ({ target, mode, content: Buffer.from(await text(file)) });
  for (const file of guardFiles) await access(path.join(root, file)).catch(() => Promise.reject(new Error(`${file} is missing: a host without its boot guard is refused upgrades, so no package is made without it`)));
  return [
    { target: `${bin}/treeline-agent`, mode: 0o755, content: executable },
    ...(await Promise.all(guardFiles.map((file) => plain(file, `${lib}/${path.basename(file)}`, file.endsWith(".py") ? 0o644 : 0o755)))),
    ...(await Promise.all((await unitNames(root)).map(async (name) => plain(`${unitFolder}/${name}`, `${units}/${name}`)))),
    ...guardSetting(layout),
    await plain("apps/agent/packaging/agent.yaml.example", `${doc}/agent.yaml.example`),
    { target: `${doc}/copyright`, mode: 0o644, content: Buffer.from(copyright) },
  ];
}

/** The systemd units, by name. */
export async function unitNames(root: string): Promise<readonly string[]> {
  return (await readdir(path.join(root, unitFolder))).sort();
}

/** Those that are started at boot by themselves, not by another unit. */
export async function enabledUnits(root: string): Promise<readonly string[]> {
  const names = await unitNames(root);
  const texts = await Promise.all(names.map((name) => readFile(path.join(root, unitFolder, name), "utf8")));
  return names.filter((_, index) => /^\[Install\]$/m.test(texts[index] ?? ""));
}

/** Elsewhere than in an image the agent has to be told where its boot guard is. */
function guardSetting({ lib, units }: Layout): readonly PackagedFile[] {
  if (lib === layouts.image.lib) return [];
  return [{ target: `${units}/treeline-agent.service.d/10-boot-guard.conf`, mode: 0o644, content: Buffer.from(`[Service]\nEnvironment=TREELINE_GUARD_PROGRAM=${lib}/boot-guard\n`) }];
}

function moved(text: string, { bin, lib }: Layout): string {
  return text.replaceAll(`${layouts.image.bin}/treeline-agent`, `${bin}/treeline-agent`).replaceAll(layouts.image.lib, lib);
}
