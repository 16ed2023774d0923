import { accessSync, constants } from "node:fs";
import path from "node:path";
import { freePorts } from "@treeline/testkit";
import { QuietProcess } from "./quiet-process.ts";

const program = "prometheus-node-exporter";
/** How often Prometheus asks by default is a minute; most of its examples, and so most of its users, say 15 seconds. */
const scrapeMillis = 15_000;

/** Debian's node exporter, where it is installed: another daemon of every host, in Go, for the sake of comparison. It is scraped while it runs, because without that it does nothing. */
export async function startNodeExporter(options: { readonly cwd: string; readonly signal: AbortSignal }): Promise<{ readonly pid: number } & AsyncDisposable | undefined> {
  const found = (process.env["PATH"] ?? "").split(":").map((directory) => path.join(directory, program)).find(isExecutable);
  if (found === undefined) return undefined;
  const [port] = await freePorts(1);
  const exporter = await QuietProcess.start({ argv: [found, `--web.listen-address=127.0.0.1:${port}`], ready: "istening on", ...options });
  const scrape = async (): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    await response.text();
  };
  await scrape();
  const timer = setInterval(() => void scrape().catch(() => {}), scrapeMillis);
  return {
    pid: exporter.pid,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await exporter[Symbol.asyncDispose]();
    },
  };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
