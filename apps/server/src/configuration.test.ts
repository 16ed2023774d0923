import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPair } from "@treeline/ostree";
import { ConfigurationError, loadConfiguration } from "@treeline/process";
import { afterAll, describe, expect, it } from "vitest";
import { serverSchema } from "./configuration.ts";
import { removeTemporaryData, temporaryData } from "./test-server.ts";

afterAll(removeTemporaryData);

async function load(text: string, environment: Record<string, string> = {}) {
  const path = join(await temporaryData(), "server.yaml");
  await writeFile(path, text);
  return (await loadConfiguration({ schema: serverSchema, file: { path, mustExist: true }, environment, flags: {}, name: "treeline-server" })).value;
}

describe("the configuration", () => {
  it("has the documented defaults", async () => {
    expect(await load("")).toMatchObject({
      data: "/var/lib/treeline-server",
      listen: { address: "0.0.0.0", front: 7440, sessions: 7441, https: 7443 },
      session: { heartbeatMillis: 3000, leaseMillis: 12_000 },
      releases: { keys: [], mirrors: [], uploadPauseMillis: 60_000 },
      nodeCertificateDays: 365,
      logLevel: "info",
    });
  });

  it("takes hosts by name and address, keys and mirrors", async () => {
    const { publicKey } = generateKeyPair();
    const text = `advertise: [treeline.example.org, 192.0.2.1, "2001:db8::1"]\nreleases: { keys: ["${publicKey}"], mirrors: ["https://example.org/ostree/"] }\n`;
    expect(await load(text, { TREELINE_SESSION_LEASE_MILLIS: "9000" })).toMatchObject({ session: { leaseMillis: 9000 }, releases: { keys: [publicKey] } });
  });

  it.each([
    ["advertise.0", "advertise: ['treeline.example.org:7440']"],
    ["advertise.1", "advertise: [a, 'https://b']"],
    ["advertise", "advertise: []"],
    ["listen.front", "listen: { front: 70000 }"],
    ["listen.frnt", "listen: { frnt: 1 }"],
    ["listen.address", "listen: { address: '*' }"],
    ["session.leaseMillis", "session: { heartbeatMillis: 3000, leaseMillis: 5000 }"],
    ["releases.keys.0", "releases: { keys: ['/etc/key.pub'] }"],
    ["releases.mirrors.0", "releases: { mirrors: ['file:///etc'] }"],
    ["releases.uploadPauseMillis", "releases: { uploadPauseMillis: 1 }"],
    ["nodeCertificateDays", "nodeCertificateDays: soon"],
    ["logLevel", "logLevel: loud"],
  ])("names %s when it is wrong, with a reason and a remedy", async (path, text) => {
    const error: unknown = await load(text).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as ConfigurationError).problems).toEqual([expect.objectContaining({ path, reason: expect.stringMatching(/./), remedy: expect.stringMatching(/./) })]);
  });
});
