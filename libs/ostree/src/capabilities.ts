import { OstreeError } from "./ostree-error.ts";
import { ostree, runTool } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";
import { hasSetDefault } from "./set-default.ts";

/** What this host's ostree can do. */
export interface Capabilities {
  /** "2022.7"; undefined when `ostree --version` does not say. */
  readonly version: string | undefined;
  /** How setDefault works here: `ostree admin set-default`, libostree's bindings, or not at all. */
  readonly setDefault: "command" | "bindings" | "none";
}

/** The same question that set-default.py answers on its first lines; then where the two files lie without which the answer would be no. */
const bindingsProbe = `import gi
gi.require_version("OSTree", "1.0")
from gi.repository import OSTree
print(gi.__file__)
print(*getattr(OSTree, "__path__", []))`;

/** Asks ostree itself, and python where that is what the way back would need. @throws OstreeError tool-missing, when there is no ostree at all */
export async function readCapabilities({ signal }: Cancellable = {}): Promise<Capabilities> {
  const { stdout } = await ostree({ args: ["--version"], phase: "read version", subject: "ostree --version", signal });
  return { version: parseVersion(stdout), setDefault: await howSetDefault(signal) };
}

/** Reads the text of `ostree --version`. Pure. */
export function parseVersion(text: string): string | undefined {
  return /^ ?Version: '([\w.+~-]{1,40})'$/m.exec(text)?.[1];
}

async function howSetDefault(signal: AbortSignal | undefined): Promise<Capabilities["setDefault"]> {
  if (await hasSetDefault(signal)) return "command";
  return (await findBindings({ signal })) === undefined ? "none" : "bindings";
}

/** Files of libostree's bindings for python. */
export interface Bindings {
  /** The package `gi`. */
  readonly module: string;
  /** What it reads of libostree; empty: it does not say. */
  readonly typelib: string;
}

/** Where this host has them, as its python says; undefined: they do not work here. @throws OstreeError aborted, killed */
export async function findBindings({ signal }: Cancellable = {}): Promise<Bindings | undefined> {
  try {
    const { stdout } = await runTool({
      command: "/usr/bin/python3",
      args: ["-c", bindingsProbe],
      phase: "read capabilities",
      subject: "libostree's bindings",
      signal,
    });
    const [module = "", typelib = ""] = stdout.split("\n");
    return { module, typelib };
  } catch (error) {
    if (error instanceof OstreeError && error.code !== "aborted" && error.code !== "killed") return undefined;
    throw error;
  }
}
