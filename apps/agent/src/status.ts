import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readDeployments, type Deployment } from "@treeline/ostree";
import { errnoOf, readFileIfExists, readProblem, silentLogger } from "@treeline/process";
import type { DeploymentRef, GuardReturn, GuardState, Journal } from "@treeline/upgrade";
import { z } from "zod";
import type { AgentConfiguration } from "./configuration.ts";
import { identityPaths, readIdentity } from "./enrollment/identity-file.ts";
import { openGuard } from "./guard/guard.ts";
import { readRefusals, refusalNote, refusalsFile, type Refusals } from "./trusted-keys/refusal.ts";
import { readTrust, trustFile } from "./trusted-keys/trust-file.ts";
import { journalPath, journalSchema } from "./upgrade/journal-schema.ts";
import { agentVersion } from "./version.ts";

/** What this host says about itself, without asking the running agent or the server. */
export interface AgentStatus {
  readonly agentVersion: string;
  /** Whether this host has joined a fleet; absent: that could not be read. */
  readonly enrolled?: boolean;
  readonly nodeId?: string;
  readonly sessions: readonly string[];
  readonly deployments: readonly Deployment[];
  readonly journal?: Journal;
  /** What the boot guard watches, and the last it did. */
  readonly guard: GuardState;
  /** The newest key rotation that this host has followed, and how many keys rotations have retired here. */
  readonly trust?: { readonly serial: number; readonly retired: number };
  /** Key rotations that the server sent and this host does not follow; absent: none. */
  readonly refused?: Refusals;
  /** What could not be read, and what to do about it. */
  readonly problems: readonly string[];
}

/** Reads the identity, the journal, the boot guard's files and ostree. Changes nothing: a journal that cannot be read stays where it is. */
export async function readStatus({ stateDirectory, guard: { program } }: Pick<AgentConfiguration, "stateDirectory" | "guard">): Promise<AgentStatus> {
  const problems: string[] = [];
  const attempt = async <T>(path: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      problems.push(problemText(path, error));
      return undefined;
    }
  };
  // One sentence instead of one for each file in it.
  const canBeRead = await attempt(stateDirectory, () => listed(stateDirectory));
  const inState = async <T>(path: string, read: () => Promise<T>) => (canBeRead === true ? await attempt(path, read) : undefined);
  const found = await inState(identityPaths(stateDirectory).identity, async () => ({ identity: await readIdentity(stateDirectory) }));
  const identity = found?.identity;
  if (found !== undefined && identity === undefined) problems.push("this host has not joined a fleet: write an enrollment token into the token file, and start the agent or run `treeline-agent enroll`");
  const journal = await inState(journalPath(stateDirectory), () => readJournal(journalPath(stateDirectory)));
  const warn = (message: string): unknown => problems.push(message);
  const guardFiles = join(stateDirectory, "guard");
  const guard = await inState(guardFiles, () => openGuard({ program, directory: guardFiles, logger: { ...silentLogger, warn } }).read());
  const deployments = await attempt("/", () => readDeployments());
  const trust = await inState(trustFile(stateDirectory), () => readTrust(stateDirectory));
  const refused = await inState(refusalsFile(stateDirectory), () => readRefusals(stateDirectory));
  return {
    agentVersion,
    ...(found === undefined ? {} : { enrolled: identity !== undefined }),
    ...(identity === undefined ? {} : { nodeId: identity.nodeId }),
    sessions: identity?.endpoints.sessions ?? [],
    deployments: deployments ?? [],
    ...(journal === undefined ? {} : { journal }),
    guard: guard ?? {},
    ...(trust === undefined ? {} : { trust: { serial: trust.serial, retired: trust.retired.length } }),
    ...(refused === undefined || refused.rotations.length + refused.more === 0 ? {} : { refused }),
    problems,
  };
}

/** True, also where there is none yet. */
async function listed(directory: string): Promise<true> {
  try {
    await readdir(directory);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
  return true;
}

/** An error of the file system names neither the reason nor what to do, and not always the file. */
function problemText(path: string, error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!("syscall" in error)) return error.message;
  const { reason, remedy } = errnoOf(error) === "ENOTDIR" ? { reason: "is not a directory, or lies below something that is none", remedy: "correct stateDirectory in the configuration" } : readProblem(error);
  return `${"path" in error ? String(error.path) : path} ${reason}: ${remedy}`;
}

async function readJournal(path: string): Promise<Journal | undefined> {
  const bytes = await readFileIfExists(path);
  if (bytes === undefined) return undefined;
  try {
    return z.object({ value: journalSchema }).parse(JSON.parse(bytes.toString("utf8"))).value;
  } catch {
    throw new Error(`${path} cannot be read; the agent sets it aside when it starts and goes on from what ostree says`);
  }
}

/** For people. */
export function renderedStatus(status: AgentStatus): string {
  const { journal, deployments, guard, trust, refused, problems } = status;
  const { armed, returned, stayed } = guard;
  const open = journal?.open;
  const last = journal?.closed.at(-1);
  const lines = [
    `agent     ${status.agentVersion}`,
    `node      ${status.nodeId ?? (status.enrolled === false ? "not enrolled" : "unknown")}`,
    `sessions  ${status.sessions.join(", ") || "-"}`,
    ...deployments.map((found, index) => `${index === 0 ? "default " : "        "}  ${found.booted ? "*" : " "} ${found.osname} ${found.checksum.slice(0, 10)}.${found.serial} ${found.version ?? ""}${flagsOf(found)}`),
    ...(trust === undefined || trust.serial === 0 ? [] : [`keys      rotation ${trust.serial} followed, retired keys: ${trust.retired}`]),
    ...(refused?.rotations ?? []).map(({ text }) => `keys      ${text}`),
    ...(refused === undefined || refused.more === 0 ? [] : [`keys      ${refusalNote({ rotations: [], more: refused.more })}`]),
    ...(open === undefined ? [] : [`attempt   ${open.ref.rollout} #${open.ref.number} ${open.back === true ? "back " : ""}to ${open.target.version || open.target.checksum.slice(0, 10)}: ${open.step}${open.note === "" ? "" : ` (${open.note})`}`]),
    ...(last === undefined ? [] : [`last      ${last.attempt.rollout} #${last.attempt.number} to ${last.target.version || last.target.checksum.slice(0, 10)}: ${last.outcome.kind}${"reason" in last.outcome ? ` (${last.outcome.reason})` : ""}`]),
    ...(armed === undefined ? [] : [`guard     watches ${armed.target.slice(0, 10)} for ${armed.attempt.rollout} #${armed.attempt.number}, else back to ${nameOf(armed.base)}`]),
    ...(returned === undefined ? [] : [`guard     went back from ${nameOf(returned.from)} to ${nameOf(returned.to)}: ${reasonOf(returned)}`]),
    ...(stayed === undefined ? [] : [`guard     did not go back from ${nameOf(stayed.from)}, as somebody else's ${nameOf(stayed.next)} is to boot next: ${reasonOf(stayed)}`]),
    ...(journal?.denied ?? []).map((denied) => `denied    ${denied.checksum.slice(0, 10)} ${denied.reason}`),
    ...problems.map((problem) => `problem   ${problem}`),
  ];
  return `${lines.join("\n")}\n`;
}

const nameOf = ({ checksum, serial }: DeploymentRef): string => `${checksum.slice(0, 10)}.${serial}`;

function reasonOf({ because, boots }: Pick<GuardReturn, "because" | "boots">): string {
  return because === "boots" ? `not proved after ${boots} boots` : "not proved in time after a boot";
}

function flagsOf({ pending, staged, rollback, pinned }: Deployment): string {
  const flags = Object.entries({ pending, staged, rollback, pinned }).flatMap(([name, set]) => (set ? [name] : []));
  return flags.length === 0 ? "" : ` (${flags.join(", ")})`;
}
