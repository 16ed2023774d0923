import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { createFrontClients } from "@treeline/rpc";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { readCredential, removeTemporaryData, startTestServer, temporaryData } from "./test-server.ts";

const running: { kill(signal: NodeJS.Signals): boolean }[] = [];
afterEach(() => running.splice(0).forEach((child) => child.kill("SIGKILL")));
afterAll(removeTemporaryData);

const main = join(import.meta.dirname, "main.ts");
const on = (front: number): readonly string[] => ["--advertise", "127.0.0.1", "--listen-address", "127.0.0.1", "--listen-front", String(front), "--listen-sessions", "0", "--listen-https", "0"];
const anywhere = on(0);

function launch(args: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env["PATH"], ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  const output = text(child.stdout);
  const ended = once(child, "close").then(async ([code]) => ({ code: code as number | null, output: await output, errors }));
  /** Resolves when it serves; rejects with what it said when it ended instead. */
  const serving = new Promise<void>((resolve, reject) => {
    child.stderr.on("data", () => errors.includes("Connect:") && resolve());
    void ended.then(() => reject(new Error(errors)));
  });
  serving.catch(() => {});
  return { child, ended, serving };
}

async function operator(data: string) {
  const { endpoint, ca, token } = await readCredential(data);
  const clients = createFrontClients({ endpoint, caPem: ca, token });
  return Object.assign(clients, { [Symbol.dispose]: () => clients.close() });
}

describe("treeline-server", () => {
  it("explains itself, and says its version", async () => {
    expect(await launch(["--help"]).ended).toMatchObject({ code: 0, output: expect.stringContaining("--advertise") });
    expect(await launch(["--version"]).ended).toMatchObject({ code: 0, output: expect.stringMatching(/^treeline-server \d/) });
  });

  it("ends with 2 and the field's place when it is called or configured wrongly", async () => {
    expect(await launch(["--listen-frnt", "1"]).ended).toMatchObject({ code: 2, errors: expect.stringContaining("--listen-frnt") });
    const config = join(await temporaryData(), "server.yaml");
    await writeFile(config, "listen:\n  frnt: 1\nlogLevel: loud\n");
    const wrong = await launch(["--config", config, "--check-config"]).ended;
    expect(wrong).toMatchObject({ code: 1, errors: expect.stringContaining(`${config}:2:3: listen.frnt: unknown key`) });
    expect(wrong.errors).toContain("logLevel");
    await writeFile(config, "logLevel: warn\n");
    expect(await launch(["--config", config, "--check-config"]).ended).toMatchObject({ code: 0 });
    expect(await launch(["--check-config"], { TREELINE_LISTEN_FRONT: "door" }).ended).toMatchObject({ code: 1, errors: expect.stringContaining("TREELINE_LISTEN_FRONT") });
  });

  it("ends with 1 and one clear line when its port or its data is taken", async () => {
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    const { port } = busy.address() as AddressInfo;
    const ended = await launch(["--data", await temporaryData(), ...on(port)]).ended;
    busy.close();
    expect(ended).toMatchObject({ code: 1, errors: expect.stringContaining(`listen.front: cannot listen on 127.0.0.1:${port}: the port is in use`) });
    expect(ended.errors).not.toMatch(/ at .*\.ts/);
    await using first = await startTestServer();
    expect(await launch(["--data", first.data, ...anywhere]).ended).toMatchObject({ code: 1, errors: expect.stringContaining("is in use by treeline-server") });
  });

  it("ends with 0 on SIGTERM", async () => {
    const data = await temporaryData();
    const server = launch(["--data", data, ...anywhere]);
    await server.serving;
    using clients = await operator(data);
    await clients.nodes.listNodes({});
    server.child.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ code: 0, output: expect.stringContaining("shutting down") });
  });

  it("killed at any moment, has what it acknowledged when it starts again", async () => {
    const data = await temporaryData();
    const acknowledged: string[] = [];
    for (let round = 0; round < 2; round++) {
      const server = launch(["--data", data, ...anywhere]);
      await server.serving;
      using clients = await operator(data);
      const asking = Array.from({ length: 50 }, () => clients.enrollment.createToken({}).then(({ tokenId }) => acknowledged.push(tokenId)));
      await Promise.race(asking);
      server.child.kill("SIGKILL");
      await Promise.allSettled(asking);
      await server.ended;
    }
    const server = launch(["--data", data, ...anywhere]);
    await server.serving;
    using clients = await operator(data);
    const kept = (await clients.enrollment.listTokens({})).tokens.map(({ id }) => id);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
  });

  it("ends with 1 when its store fails, having acknowledged nothing", async () => {
    const data = await temporaryData();
    const server = launch(["--data", data, ...anywhere]);
    await server.serving;
    using clients = await operator(data);
    const database = new DatabaseSync(join(data, "treeline.db"));
    database.exec("DROP TABLE token");
    database.close();
    await expect(clients.enrollment.createToken({})).rejects.toBeDefined();
    expect(await server.ended).toMatchObject({ code: 1, output: expect.stringContaining("could not be stored") });
  });
});
