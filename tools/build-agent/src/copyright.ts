import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** The notices of everything inside the executable, as the licenses of most ask for. `sources` are the bundle's files, relative to the checkout. */
export async function copyrightNotices(root: string, sources: readonly string[]): Promise<string> {
  const packages = [...new Set(sources.flatMap((source) => packageFolder(source) ?? []))].sort();
  const notices = await Promise.all(packages.map((folder) => noticeOf(root, folder)));
  const ours = await readFile(path.join(root, "LICENSE"), "utf8");
  return [`Treeline agent\n\n${ours}`, nodeNotice(), ...notices].join(`\n${"-".repeat(80)}\n\n`);
}

/** "node_modules/yaml/dist/x.js" lies in "node_modules/yaml". Undefined for files of ours. */
function packageFolder(source: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(source)?.[0];
}

async function noticeOf(root: string, folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(path.join(root, folder, "package.json"), "utf8")) as { readonly name: string; readonly version: string; readonly license?: string };
  const files = (await readdir(path.join(root, folder))).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(root, folder, file), "utf8")));
  if (texts.length === 0 && license === undefined) throw new Error(`${folder} names no license: the executable cannot be given away with it`);
  return [`${name} ${version} (${license ?? "see below"})\n`, ...texts].join("\n");
}

/** The npm package that brings Node has no license file in it. */
function nodeNotice(): string {
  return [
    `Node.js ${process.version} (MIT, and the licenses of the libraries it contains)`,
    "",
    "Copyright Node.js contributors. All rights reserved.",
    `The whole text: https://raw.githubusercontent.com/nodejs/node/${process.version}/LICENSE`,
    "",
  ].join("\n");
}
