/** What this repository takes from others: under which licences, and whose install scripts run. Pure: from a CycloneDX bill of materials and npm's lock file. */

/** SPDX ids of licences that ask for no more than notices. */
const allowedLicences: ReadonlySet<string> = new Set(["0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"]);

interface Exception {
  /** The package's name, or its beginning when it ends with "*". */
  readonly name: string;
  readonly licence: string;
  /** Why it may be used. */
  readonly why: string;
}

/** Development only, every one: nothing of them is in what we ship. */
const exceptions: readonly Exception[] = [
  { name: "argparse", licence: "Python-2.0", why: "permissive; its author took Python's own licence along with the code" },
  { name: "caniuse-lite", licence: "CC-BY-4.0", why: "data about browsers, used by build tools" },
  { name: "lightningcss*", licence: "MPL-2.0", why: "used unchanged by vite; binds only changes to its own files" },
];

export interface Component {
  readonly name: string;
  readonly version?: string;
  readonly licenses?: readonly { readonly license?: { readonly id?: string; readonly name?: string }; readonly expression?: string }[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

export interface LockedPackage {
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
}

export interface SupplyChain {
  readonly components: readonly Component[];
  /** `packages` of package-lock.json. */
  readonly locked: Readonly<Record<string, LockedPackage>>;
  /** `allowScripts` of package.json. */
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

/** What is wrong, one sentence each, with the remedy. */
export function problemsOf({ components, locked, allowScripts }: SupplyChain): readonly string[] {
  const problems: string[] = [];
  // A bill without components is no proof that there are none.
  if (components.length === 0) problems.push("the bill of materials is empty: look at what `npm sbom` says");
  for (const component of components) problems.push(...licenceProblems(component));
  const scripted = new Set<string>();
  for (const [place, entry] of Object.entries(locked)) {
    const name = place.split("node_modules/").at(-1) ?? "";
    if (!place.includes("node_modules/") || entry.link) continue;
    if (entry.hasInstallScript) scripted.add(name);
    if (entry.inBundle) continue;
    if (entry.integrity === undefined) problems.push(`${name}: package-lock.json has no hash of it; install it from the registry`);
    // Without an address: from the registry that npm is set to, by hash. With one: Git, a file, another server.
    if (entry.resolved?.startsWith("https://registry.npmjs.org/") === false) problems.push(`${name} comes from ${entry.resolved}; take it from registry.npmjs.org`);
  }
  for (const name of scripted)
    if (!Object.hasOwn(allowScripts, name)) problems.push(`${name} has an install script: read it, then say true or false for it in allowScripts of package.json`);
  for (const name of Object.keys(allowScripts))
    if (!scripted.has(name)) problems.push(`allowScripts names ${name}, which has no install script: take it out of package.json`);
  return problems;
}

function licenceProblems(component: Component): readonly string[] {
  const names = component.licenses?.map(({ license, expression }) => license?.id ?? license?.name ?? expression ?? "") ?? [];
  const at = `${component.name}@${component.version ?? "?"}`;
  if (names.length === 0) return [`${at} states no licence: find out, or do without it`];
  // Several entries may mean all of them: each must be allowed.
  return names
    .filter((licence) => !allowedLicences.has(licence) && !excepted(component, licence))
    .map((licence) => `${at} is licensed ${licence}: do without it, or name it, with the reason, in tools/ci/src/supply-chain.ts`);
}

function excepted(component: Component, licence: string): boolean {
  const development = component.properties?.some(({ name, value }) => name === "cdx:npm:package:development" && value === "true") === true;
  const named = exceptions.some(({ name, licence: of }) => of === licence && (name.endsWith("*") ? component.name.startsWith(name.slice(0, -1)) : component.name === name));
  return development && named;
}
