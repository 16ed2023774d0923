import { spawn } from "node:child_process";
import { access, constants, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, type Logger } from "@treeline/process";
import type { DeploymentRef, GuardOrder, GuardState } from "@treeline/upgrade";
import { GuardError, type GuardErrorCode } from "./guard-error.ts";
import { deploymentText, orderText, parseArmed, parseReturned, parseStayed } from "./state-file.ts";

/** The most that is read of a file, as in the guard itself, in bytes. */
const largestFile = 16_384;
/** Longer than the guard waits for the lock, in milliseconds. */
const patienceMillis = 60_000;
const outputKept = 2000;

/** The boot guard of this host: its own program, asked through its command line, and its files. */
export interface Guard {
  /** Whether there is a program that could be asked. */
  installed(): Promise<boolean>;
  /** What its files say, read without the lock: each is whole, old or new. A damaged one counts as missing, and the log says so. */
  read(): Promise<GuardState>;
  /**
   * Has the guard watch what is deployed next; durable when it resolves. Not for a base that is denied on this host: the guard goes where the order says.
   * @throws GuardError not-installed, bad-order, locked, failed
   */
  arm(order: GuardOrder): Promise<void>;
  /**
   * Nothing is watched any more; with a deployment, that one is proven and never watched again. @throws GuardError not-installed, locked,
   * failed, and `gone-back`: too late, the guard has begun to leave that deployment, and this host reboots
   */
  disarm(proven?: DeploymentRef): Promise<void>;
}

export interface GuardOptions {
  readonly program: string;
  /** Default: the guard's own, /var/lib/treeline/guard. */
  readonly directory?: string;
  /** Default: the guard's own, /run/treeline/host.lock. */
  readonly lockFile?: string;
  readonly logger: Logger;
}

export function openGuard(options: GuardOptions): Guard {
  const { program, lockFile, logger } = options;
  const directory = options.directory ?? "/var/lib/treeline/guard";
  const ask = (verb: readonly string[], input = "") =>
    runGuard(program, ["--state", directory, ...(lockFile === undefined ? [] : ["--lock", lockFile]), ...verb], input);
  return {
    installed: async () => {
      const executable = await access(program, constants.X_OK).then(() => true, () => false);
      return executable && (await stat(program)).isFile();
    },
    read: async () => {
      const armed = await readFileOf({ path: join(directory, "armed"), parse: parseArmed, logger });
      const returned = await readFileOf({ path: join(directory, "returned"), parse: parseReturned, logger });
      const stayed = await readFileOf({ path: join(directory, "stayed"), parse: parseStayed, logger });
      return { ...(armed === undefined ? {} : { armed }), ...(returned === undefined ? {} : { returned }), ...(stayed === undefined ? {} : { stayed }) };
    },
    arm: (order) => ask(["arm"], orderText(order)),
    disarm: (proven) => ask(["disarm", ...(proven === undefined ? [] : [deploymentText(proven)])]),
  };
}

async function readFileOf<Content>(options: {
  readonly path: string;
  readonly parse: (text: string) => Content | undefined;
  readonly logger: Logger;
}): Promise<Content | undefined> {
  const { path, parse, logger } = options;
  const text = await readStart(path);
  if (text === undefined) return undefined;
  const content = parse(text);
  if (content === undefined) logger.warn("a file of the boot guard is damaged: it counts as missing, and the guard sets it aside when it next comes by", { path });
  return content;
}

/** The file's text, or as much of it as no sound file has; undefined when there is none. */
async function readStart(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(largestFile + 1));
    return bytesRead > largestFile ? "" : buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    // Not a file at all.
    if (errnoOf(error) === "EISDIR" || errnoOf(error) === "ENXIO") return "";
    throw error;
  }
}

const codes: Readonly<Record<number, GuardErrorCode>> = { 2: "bad-order", 3: "gone-back", 75: "locked" };

/** Not stopped when the agent stops: it writes a few lines and ends, and half of that would be worse than either. */
function runGuard(program: string, args: readonly string[], input: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const subject = args.find((word) => word === "arm" || word === "disarm") ?? "";
  const child = spawn(program, [...args], {
    stdio: ["pipe", "ignore", "pipe"],
    env: { PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    timeout: patienceMillis,
    killSignal: "SIGKILL",
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString("utf8")).slice(-outputKept);
  });
  // A program that ends without reading its order says why with its status.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  child.once("error", (cause) => reject(new GuardError({ code: "not-installed", subject, reason: `${program} could not be started`, cause })));
  child.once("close", (status, signal) => {
    if (status === 0) return resolve();
    const reason = said.trim().replace(/\.$/, "") || (status === null ? `killed by ${signal}` : `status ${status}`);
    reject(new GuardError({ code: codes[status ?? -1] ?? "failed", subject, reason }));
  });
  return promise;
}
