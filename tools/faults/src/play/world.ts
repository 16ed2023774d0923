import { createHash } from "node:crypto";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { encodeEnrollmentToken, parseEnrollmentToken } from "@treeline/pki";
import { policyDraftToProto } from "@treeline/rpc";
import { DemoFleet, type PlacedFiles, type Release, runOrThrow } from "@treeline/testkit";
import { Gate, type GateState } from "./gate.ts";

const check = (body: string) => ({ content: `#!/bin/bash\n${body}\n`, mode: 0o755 });
const checkPath = "usr/lib/greenboot/check/required.d/10-app.sh";

/** Content that is new in a release and does not compress, so that it comes as an object, and a pull of it lasts. */
export const blobPath = "usr/share/app/blob";
const blobBlocks = 12_000;
function blob(seed: string): Buffer {
  const blocks: Buffer[] = [];
  for (let block = 0; block < blobBlocks; block++) blocks.push(createHash("sha256").update(`${seed} ${block}`).digest());
  return Buffer.concat(blocks);
}

/** What machines are installed with, and what they are sent to. */
export interface Releases {
  readonly first: Release;
  readonly good: Release;
  /** As good, and there is no static delta to it: it comes as objects. */
  readonly plain: Release;
  /** Its required check fails. */
  readonly bad: Release;
  /** The agent does not start in it. */
  readonly mute: Release;
  /** Nobody rolls it out: an operator deploys it by hand. */
  readonly other: Release;
}

/** The server makes deltas in the background, and was stopped in the middle of that: all of them go, and one is made. */
async function onlyDelta(repo: string, from: string, to: string): Promise<void> {
  await rm(path.join(repo, "deltas"), { recursive: true, force: true });
  await runOrThrow("delta", ["ostree", `--repo=${repo}`, "static-delta", "generate", `--from=${from}`, `--to=${to}`, "--disable-bsdiff"]);
  await runOrThrow("delta", ["ostree", `--repo=${repo}`, "summary", "--update"]);
}

/** Settings under which a case waits for nothing but the work itself, and a server that stays away is given time. */
const agentSettings = {
  session: { deadline: "45s", backoff: { base: "100ms", max: "500ms" } },
  checks: { again: "1s" },
  reboot: { again: "20s" },
};
const serverEnvironment = { TREELINE_SESSION_HEARTBEAT_MILLIS: "500", TREELINE_SESSION_LEASE_MILLIS: "4000" };

/** A fleet for cases one after the other: a server, its releases, and gates between it and the machines. */
export class World {
  readonly fleet: DemoFleet;
  readonly releases: Releases;
  /** An enrollment token that leads through the gates. */
  readonly token: string;
  readonly sessions: Gate;
  readonly content: Gate;

  private constructor(parts: { readonly fleet: DemoFleet; readonly releases: Releases; readonly token: string; readonly sessions: Gate; readonly content: Gate }) {
    this.fleet = parts.fleet;
    this.releases = parts.releases;
    this.token = parts.token;
    this.sessions = parts.sessions;
    this.content = parts.content;
  }

  /** Makes in `directory` what every world begins with: a fleet with its releases published, stopped. */
  static async prepare(directory: string): Promise<void> {
    const fleet = await DemoFleet.start({ directory, agentSettings, serverEnvironment });
    const compose = async (version: string, files: PlacedFiles): Promise<Release> => {
      const release = await fleet.compose(version, { files });
      await fleet.publish(release);
      return release;
    };
    const green = { [checkPath]: check("echo the app answers") };
    const releases: Releases = {
      first: await compose("1.0", green),
      good: await compose("2.0", { ...green, [blobPath]: blob("good") }),
      plain: await compose("2.1", { ...green, [blobPath]: blob("plain") }),
      bad: await compose("3.0", { [checkPath]: check("echo the app does not answer >&2; exit 1") }),
      mute: await compose("3.1", { ...green, "usr/lib/app/no-agent": "" }),
      other: await compose("4.0", green),
    };
    await writeFile(path.join(directory, "releases.json"), JSON.stringify({ releases, token: await fleet.token() }));
    fleet.operator.close();
    await fleet.server.stop();
    await onlyDelta(path.join(fleet.server.data, "ostree"), releases.first.checksum, releases.good.checksum);
  }

  /** Goes on, in `directory`, from a copy of what was prepared. */
  static async start(prepared: string, directory: string): Promise<World> {
    await cp(prepared, directory, { recursive: true });
    const { releases, token: text } = JSON.parse(await readFile(path.join(directory, "releases.json"), "utf8")) as { readonly releases: Releases; readonly token: string };
    const fleet = await DemoFleet.start({ directory, agentSettings, serverEnvironment });
    const { frontPort, sessionsPort, httpsPort } = fleet.server;
    const [sessions, content] = await Promise.all([Gate.to(sessionsPort), Gate.to(httpsPort)]);
    const token = parseEnrollmentToken(text);
    const at = (port: number): readonly string[] => [`${fleet.network.serverAddress}:${port}`];
    const endpoints = { front: at(frontPort), sessions: at(sessions.port), content: at(content.port) };
    return new World({ fleet, releases, token: encodeEnrollmentToken({ ...token, endpoints }), sessions, content });
  }

  /** Both gates. `afresh`: connections that are there end. */
  gates(state: GateState, afresh?: "afresh"): void {
    for (const gate of [this.sessions, this.content]) gate.set(state, afresh !== undefined);
  }

  async rollOut(name: string, node: string, release: Release, soakMillis: number): Promise<void> {
    const policy = { release: release.checksum, nodes: [node], waves: [{ size: { rest: true as const } }], maxUnavailable: "1", nodeSoakMillis: soakMillis, retries: { limit: 3, backoffMillis: 300 } };
    await this.fleet.operator.clients.rollouts.createRollout({ name, policy: policyDraftToProto(policy) });
  }

  async rollBack(name: string): Promise<void> {
    await this.fleet.operator.clients.rollouts.rollbackRollout({ name, reason: "a case of the fault matrix" });
  }

  async close(): Promise<void> {
    this.sessions.close();
    this.content.close();
    await this.fleet.destroy();
  }
}
