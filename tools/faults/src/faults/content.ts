import { copyFile, lstat, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { runOrThrow } from "@treeline/testkit";
import { endingsOf, journalOf } from "../play/journal.ts";
import type { Scene } from "../play/scene.ts";
import { until } from "../play/waiting.ts";
import { blobPath, type World } from "../play/world.ts";
import type { Fault } from "./fault.ts";

/** Finds the files of the server's repository that are to be damaged; paths below it. */
type Find = (scene: Scene) => Promise<readonly string[]>;
type Damage = (file: string) => Promise<void>;

const repositoryOf = (world: World): string => path.join(world.fleet.server.data, "ostree");
const objectFile = (checksum: string, kind: string): string => path.join("objects", checksum.slice(0, 2), `${checksum.slice(2)}.${kind}`);

async function listed({ world, new: release }: Scene, inside: string): Promise<readonly string[]> {
  const line = await runOrThrow("ls", ["ostree", `--repo=${repositoryOf(world)}`, "ls", "--checksum", "--dironly", release.checksum, `/${inside}`]);
  return line.match(/[0-9a-f]{64}/g) ?? [];
}

const file: Find = async (scene) => [objectFile((await listed(scene, blobPath)).at(-1)!, "filez")];
const directoryTree: Find = async (scene) => [objectFile((await listed(scene, path.dirname(blobPath)))[0]!, "dirtree")];
const commit: Find = async ({ new: release }) => [objectFile(release.checksum, "commit")];
const signatures: Find = async ({ new: release }) => [objectFile(release.checksum, "commitmeta")];

/** All files of the deltas to the new release with that name ("superblock", or a part's number). */
const delta =
  (name: string): Find =>
  async ({ world }) =>
    (await runOrThrow("find", ["find", path.join(repositoryOf(world), "deltas"), "-name", name, "-printf", "deltas/%P\n"])).trim().split("\n");

const missing: Damage = (target) => rm(target);
const truncated: Damage = async (target) => truncate(target, Math.floor((await lstat(target)).size / 2));
/** A link to itself: to look at it fails, and not as a file fails that is not there. */
const unreadable: Damage = async (target) => {
  await rm(target);
  await symlink(path.basename(target), target);
};
const flipped: Damage = async (target) => {
  const bytes = await readFile(target);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = bytes[middle]! ^ 0x10;
  await writeFile(target, bytes);
};

const aside = (target: string): string => `${target}.aside`;

/** Damages files of the server's repository. With `mended`, they are whole again once a machine has met the damage. */
function damage(find: Find, how: Damage, mended: boolean): Fault {
  const restore = async (scene: Scene): Promise<void> => {
    for (const each of await paths(scene)) if (await lstat(aside(each)).catch(() => undefined)) await rename(aside(each), each);
  };
  const found = new WeakMap<Scene, readonly string[]>();
  const paths = async (scene: Scene): Promise<readonly string[]> => {
    const known = found.get(scene) ?? (await find(scene)).map((below) => path.join(repositoryOf(scene.world), below));
    found.set(scene, known);
    return known;
  };
  return {
    async inject(scene) {
      const targets = await paths(scene);
      if (targets.length === 0) throw new Error("there is nothing to damage");
      for (const target of targets) {
        await copyFile(target, aside(target));
        await how(target);
      }
    },
    ...(mended ? { felt: stagingFailed } : {}),
    remove: mended ? restore : () => Promise.resolve(),
    cleanUp: restore,
  };
}

/** Waits until staging has failed once, or the attempt is over. */
async function stagingFailed({ machine, name }: Scene): Promise<void> {
  await until("staging fails", async () => {
    const journal = await journalOf(machine);
    return (journal?.open?.note ?? "") !== "" || endingsOf(journal, name).length > 0;
  });
}

/** Another commit's signatures: they are good, and not for this one. */
const exchanged =
  (scene: Scene): Damage =>
  async (target) =>
    copyFile(path.join(repositoryOf(scene.world), objectFile(scene.old.checksum, "commitmeta")), target);

export const contentFaults = {
  "file truncated": damage(file, truncated, true),
  "file bit-flipped": damage(file, flipped, true),
  "file missing": damage(file, missing, true),
  "file 500": damage(file, unreadable, true),
  "dirtree truncated": damage(directoryTree, truncated, true),
  "dirtree bit-flipped": damage(directoryTree, flipped, true),
  "dirtree missing": damage(directoryTree, missing, true),
  "commit bit-flipped": damage(commit, flipped, true),
  "commit missing": damage(commit, missing, true),
  "commit 500": damage(commit, unreadable, true),
  "file bit-flipped for good": damage(file, flipped, false),
  "file missing for good": damage(file, missing, false),
  "commit missing for good": damage(commit, missing, false),
  "signature missing": damage(signatures, missing, false),
  "signature bit-flipped": damage(signatures, flipped, false),
  "signature of another commit": {
    ...damage(signatures, missing, false),
    inject: async (scene) => damage(signatures, exchanged(scene), false).inject(scene),
  },
  "delta part bit-flipped": damage(delta("0"), flipped, false),
  "delta part truncated": damage(delta("0"), truncated, false),
  "delta part missing": damage(delta("0"), missing, false),
  "delta superblock missing": damage(delta("superblock"), missing, false),
  "delta superblock bit-flipped": damage(delta("superblock"), flipped, false),
} as const satisfies Readonly<Record<string, Fault>>;
