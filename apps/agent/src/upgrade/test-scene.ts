import { bootedDeployment, type Intent, type UpdateState } from "@treeline/fleet";
import { expect } from "vitest";
import { heard, testServer } from "../session/test-server.ts";
import { testFleet } from "../test-fleet.ts";
import { testArchive, testDirectory, TestHost, type TestHostOptions } from "./test-host.ts";

/** Support for tests: a host with its agent, releases to give it, and a server that a test speaks for. */

export const wait = { timeout: 60_000, interval: 10 };
export const permission = { slot: "slot-1", epoch: 1 };

/** A host on version 1, a version 2 to go to, and a server that says yes. */
export async function testScene(options: { readonly installedUnsigned?: boolean; readonly signedWith?: string | null; readonly delta?: boolean; readonly limits?: TestHostOptions["limits"] } = {}) {
  const stack = new AsyncDisposableStack();
  const directory = stack.use(await testDirectory());
  const fleet = stack.use(await testFleet());
  const archive = await testArchive(directory.path);
  const v1 = await archive.publish("1", options.installedUnsigned === true ? { signedWith: null } : {});
  const v2 = await archive.publish("2", {
    ...(options.signedWith === undefined ? {} : { signedWith: options.signedWith }),
    ...(options.delta === true ? { deltaFrom: v1.checksum } : {}),
  });
  const confirmations: { readonly granted: boolean; readonly bootId: string; readonly checksum: string }[] = [];
  const answer = { granted: true, ttlMillis: 30_000 };
  const server = stack.use(
    await testServer(fleet, {
      confirm: async ({ nonce, bootId, checksum }) => {
        confirmations.push({ granted: answer.granted, bootId, checksum });
        return { ...answer, reason: "budget", nonce };
      },
    }),
  );
  const host = await TestHost.install({ fleet, directory: directory.path, archive, installed: v1, sessionEndpoint: server.endpoint, limits: options.limits ?? {} });
  stack.defer(() => host.crash());
  let intent: Intent | undefined;
  const peer = () => server.sessions.at(-1);
  return {
    ...{ host, archive, server, v1, v2, confirmations, answer, stack },
    /** What the server knows of the agent's attempts. */
    update: (): UpdateState | undefined => heard(peer()?.received ?? []).observation.update,
    observed: () => heard(peer()?.received ?? []).observation,
    /** Sends the intent now; `resend` after a new session. */
    order(next: Intent) {
      intent = next;
      peer()!.send({ kind: "intent", intent });
    },
    resend: () => intent !== undefined && peer()!.send({ kind: "intent", intent }),
    async settled(phase: UpdateState["phase"]) {
      await expect.poll(() => heard(peer()?.received ?? []).observation.update?.phase, wait).toBe(phase);
    },
    async reboot() {
      const before = server.sessions.length;
      await host.crash();
      await host.powerOn();
      await expect.poll(() => server.sessions.length > before && heard(peer()!.received).sequences.length > 0, wait).toBe(true);
    },
  };
}

export const runs = async (host: TestHost): Promise<string | undefined> => bootedDeployment(await host.readOs())?.version;
export const next = async (host: TestHost): Promise<string | undefined> => (await host.readOs()).deployments[0]?.version;
