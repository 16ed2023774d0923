import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { openSqliteStore } from "@treeline/store";
import { ServerProcess } from "@treeline/testkit";
import { parse } from "yaml";
import { ChildProgram } from "../child-program.ts";
import { enrollNodes } from "../session/node-identities.ts";
import { serverSettings } from "../session/side.ts";
import type { HoldQuestion, Stopped, StopQuestion } from "./held-agents.ts";
import { release } from "./paper-fleet.ts";

export interface StopAllOptions {
  /** Empty, for the server's data and the agents' keys. */
  readonly directory: string;
  readonly agents: number;
  /** How often the cord is pulled. */
  readonly stops: number;
  readonly signal: AbortSignal;
}

/**
 * The andon cord of a real server, over gRPC and mutual TLS: every agent holds a slot when it is pulled, and each must be told. The agents are of
 * paper; what they say and hear is the real protocol.
 */
export async function measureStops({ directory, agents, stops, signal }: StopAllOptions): Promise<readonly Stopped[]> {
  const data = path.join(directory, "server");
  const settings = { data, advertise: ["127.0.0.1"], ...serverSettings };
  const identitiesFile = path.join(directory, "identities.json");
  const enrolling = await ServerProcess.start(settings);
  try {
    await writeFile(identitiesFile, JSON.stringify(await enrollNodes(enrolling, agents, signal)), { mode: 0o600 });
    await enrolling.stop();
  } finally {
    await enrolling.kill();
  }
  await publish(path.join(data, "treeline.db"));
  const server = await ServerProcess.start(settings);
  try {
    await using load = new ChildProgram({ file: path.join(import.meta.dirname, "held-agents.ts"), signal });
    const { token } = parse(await readFile(server.credential, "utf8")) as { readonly token: string };
    const { sessionsPort, frontPort } = server;
    await load.ask({ kind: "hold", sessionsPort, frontPort, identitiesFile, token, release: release.checksum } satisfies HoldQuestion);
    const stopped: Stopped[] = [];
    for (let stop = 0; stop < stops; stop++) stopped.push((await load.ask({ kind: "stop" } satisfies StopQuestion)) as Stopped);
    return stopped;
  } finally {
    await server.kill();
  }
}

/** A release that nobody will ever pull: the record is all that a paper agent needs. */
async function publish(database: string): Promise<void> {
  const store = await openSqliteStore({ path: database });
  try {
    const epochs = (await store.load()).flatMap((change) => (change.kind === "server-run" ? [change.value.epoch] : []));
    await store.commit({ epoch: Math.max(...epochs), changes: [{ kind: "release", value: release }], audit: [] });
  } finally {
    await store.close();
  }
}
