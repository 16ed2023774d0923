import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import type { wire } from "@treeline/rpc";
import { runServer, type Release } from "@treeline/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { frame, rawCall, rawTcp, rawTls, type Listener } from "./hostile-client.ts";
import { askContent, enroll, type PaperNode } from "./paper-node.ts";
import { auditLog } from "./readings.ts";
import { publish, sharedFleet } from "./test-fleet.ts";

let first: Release;
let node: PaperNode;

const shared = sharedFleet(async (fleet) => {
  first = await publish(fleet, "1.0");
  node = await enroll(fleet, await fleet.token(), "paper");
});

describe("what an operator gets wrong", () => {
  let entries: number;
  beforeEach(async () => {
    entries = (await auditLog(shared.fleet)).length;
  });
  afterEach(async () => {
    const { fleet } = shared;
    expect((await auditLog(fleet)).length, "nothing was changed").toBe(entries);
    expect((await fleet.operator.clients.rollouts.listRollouts({})).rollouts).toEqual([]);
  });

  test.each([
    [
      "a release that is not there",
      ["rollout", "create", "x", "--release", "9.9", "--selector", "*"],
      1,
      ["there is no release 9.9", "treeline release list"],
    ],
    [
      "a selector that selects nothing",
      ["rollout", "create", "x", "--release", "1.0", "--selector", "site=atlantis"],
      1,
      ["matches no enrolled node", "treeline node list"],
    ],
    ["an empty selector", ["rollout", "create", "x", "--release", "1.0", "--selector", ""], 2, ["--selector", "is empty"]],
    ["a negative wave", ["rollout", "create", "x", "--release", "1.0", "--selector", "*", "--waves=-1,rest"], 2, ["--waves"]],
    [
      "a wave of more than all",
      ["rollout", "create", "x", "--release", "1.0", "--selector", "*", "--waves", "150%,rest"],
      2,
      ["waves", "150"],
    ],
    ["no unavailable node allowed", ["rollout", "create", "x", "--release", "1.0", "--selector", "*", "--max-unavailable", "0"], 2, ["0"]],
    ["an option that is not there", ["rollout", "create", "x", "--relase", "1.0"], 2, ["--relase", "--release"]],
    ["a command that is not there", ["rollot", "list"], 2, ["rollot", "rollout"]],
    ["a duration without a unit", ["token", "create", "--ttl", "10"], 2, ["--ttl", "30s"]],
    ["a rollout that is not there", ["rollout", "pause", "nobody"], 1, ["there is no rollout nobody", "treeline rollout list"]],
    ["a node that is not there", ["node", "show", "nobody"], 1, ["there is no node nobody", "treeline node list"]],
  ] as const)("%s", async (_, args, code, words) => {
    const result = await shared.fleet.operator.cli(args);
    expect({ code: result.code, stdout: result.stdout }, result.stderr).toEqual({ code, stdout: "" });
    for (const word of words) expect(result.stderr).toContain(word);
    expect(result.stderr).not.toMatch(/\n\s+at .*\.ts:\d+/);
  });

  test.each([
    ["YAML that is none", "apiVersion: treeline/v1\nkind: Rollout\nmetadata: {name: x\nspec: [", /:4:\d+/],
    [
      "a misspelt field",
      "apiVersion: treeline/v1\nkind: Rollout\nmetadata: {name: x}\nspec:\n  release: '1.0'\n  selector: '*'\n  wavs: [{rest: true}]\n",
      /:7:3 spec\.wavs/,
    ],
    [
      "a negative wave",
      "apiVersion: treeline/v1\nkind: Rollout\nmetadata: {name: x}\nspec:\n  release: '1.0'\n  selector: '*'\n  waves:\n    - count: -1\n    - rest: true\n",
      /:8:7 spec\.waves\[0\]\.count/,
    ],
    [
      "a wave of more than all",
      "apiVersion: treeline/v1\nkind: Rollout\nmetadata: {name: x}\nspec:\n  release: '1.0'\n  selector: '*'\n  waves:\n    - percent: 150\n",
      /:8:7 spec\.waves\[0\]/,
    ],
  ])("a document with %s is refused with file, line and column", async (_, text, place) => {
    const { fleet } = shared;
    const file = path.join(fleet.directory, "rollout.yaml");
    await writeFile(file, text);
    for (const args of [
      ["apply", "-f", file],
      ["rollout", "create", "-f", file],
    ]) {
      const { code, stderr } = await fleet.operator.cli(args);
      expect(code, stderr).toBe(2);
      expect(stderr).toContain(file);
      expect(stderr).toMatch(place);
    }
  });

  test.each([
    ["an empty selector", { selector: "" }, "spec.selector"],
    ["a wave of -1", { waves: [{ count: -1 }] }, "spec.waves[0].count"],
    ["a wave of 101 %", { waves: [{ percent: 101 }] }, "spec.waves[0].percent"],
    ["no wave", { waves: [] }, "spec.waves"],
    ["too many retries", { retries: 11 }, "spec.retries.limit"],
  ] satisfies readonly [string, Partial<wire.RolloutPolicy>, string][])(
    "the server itself refuses %s and names the field",
    async (_, wrong, field) => {
      const policy: wire.RolloutPolicy = {
        release: "1.0",
        selector: "*",
        waves: [{ rest: true }],
        maxUnavailable: "1",
        nodeSoakMillis: 0,
        ...wrong,
      };
      const error: unknown = await shared.fleet.operator.clients.rollouts
        .createRollout({ name: "x", policy, hold: true })
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ status: status.INVALID_ARGUMENT, violations: [{ field }] });
    },
  );
});

describe("a server that cannot start says why and changes nothing", () => {
  const anyPorts = ["--listen-front=0", "--listen-sessions=0", "--listen-https=0"];

  test("with a configuration that is wrong: every field with its place, status 2", async () => {
    const { directory } = shared.fleet;
    const file = path.join(directory, "server.yaml");
    await writeFile(
      file,
      `data: ${path.join(directory, "unborn")}\nlisten:\n  front: many\n  sesions: 7441\nsession:\n  leaseMillis: -5\n`,
    );
    const { code, stderr, stdout } = await runServer(["--config", file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/server\.yaml:3:\d+.*listen\.front|listen\.front.*server\.yaml:3:\d+/s);
    expect(stderr).toContain("listen.sesions");
    expect(stderr).toContain("session.leaseMillis");
    await expect(readFile(path.join(directory, "unborn"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("with an option that is not there: status 2", async () => {
    const { code, stderr } = await runServer(["--listen-frnt=1"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--listen-front");
  });

  test.each(["front", "sessions", "https"] as const)("with the port for %s in use: status 1, naming the setting", async (name) => {
    const taken = createServer().listen(0, "0.0.0.0");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const data = path.join(shared.fleet.directory, `port-${name}`);
      const { code, stderr } = await runServer([
        `--data=${data}`,
        ...anyPorts.filter((flag) => !flag.includes(name)),
        `--listen-${name}=${port}`,
      ]);
      expect(code, stderr).toBe(1);
      expect(stderr).toContain(`listen.${name}: cannot listen on 0.0.0.0:${port}: the port is in use`);
      expect(stderr).toContain(`--listen-${name}`);
    } finally {
      taken.close();
    }
  });

  test.each([
    [
      "a file where the directory should be",
      async (directory: string) => (await writeFile(path.join(directory, "plain"), ""), path.join(directory, "plain")),
    ],
    // Not even root makes directories there.
    ["a place where nobody may write", () => Promise.resolve("/sys/treeline")],
  ])("with %s: status 1, naming the directory", async (_, make) => {
    const data = await make(shared.fleet.directory);
    const { code, stderr } = await runServer([`--data=${data}`, ...anyPorts]);
    expect(code, stderr).toBe(1);
    expect(stderr).toContain(data);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe("what a hostile client sends", () => {
  const noise = Buffer.alloc(4096, 0x9f);
  let pid: number | undefined;
  let front: Listener;
  let sessions: Listener;
  let https: Listener;
  beforeEach(() => {
    const { server } = shared.fleet;
    pid = server.pid;
    front = { port: server.frontPort, caPem: node.caPem };
    sessions = { port: server.sessionsPort, caPem: node.caPem, certPem: node.certPem, keyPem: node.keyPem };
    https = { port: server.httpsPort, caPem: node.caPem };
  });
  afterEach(async () => {
    const { fleet } = shared;
    expect((await fleet.operator.nodes()).map(({ name }) => name)).toEqual(["paper"]);
    expect(fleet.server.pid).toBe(pid);
    expect((await askContent(fleet, { path: "/healthz", caPem: node.caPem })).body.toString()).toBe("ok\n");
    expect(
      (
        await askContent(fleet, {
          path: `/ostree/objects/${first.checksum.slice(0, 2)}/${first.checksum.slice(2)}.commit`,
          caPem: node.caPem,
          as: node,
        })
      ).status,
    ).toBe(200);
  });

  test("a message of more than 4 MiB is refused as too large, packed or not", async () => {
    const objects = Array.from({ length: 70_000 }, () => `${"0".repeat(64)}.filez`);
    const error: unknown = await shared.fleet.operator.clients.releases.listMissingObjects({ objects }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: status.RESOURCE_EXHAUSTED });
    expect(await rawCall(front, "/treeline.v1.EnrollmentService/Enroll", frame(Buffer.alloc(16), { length: 0xffff_ffff }))).toBe(
      `status ${status.RESOURCE_EXHAUSTED}`,
    );
    const bomb = frame(gzipSync(Buffer.alloc(64 * 1024 * 1024)), { compressed: true });
    expect(await rawCall(front, "/treeline.v1.EnrollmentService/Enroll", bomb, { "grpc-encoding": "gzip" })).toBe(
      `status ${status.RESOURCE_EXHAUSTED}`,
    );
  });

  test.each([
    ["bytes that are no message", frame(Buffer.alloc(7, 0xff)), {}],
    ["a frame that ends too early", frame(Buffer.from([1, 2]), { length: 500 }), {}],
    ["a frame that is not what its encoding says", frame(Buffer.alloc(4, 0xff), { compressed: true }), { "grpc-encoding": "gzip" }],
    ["an encoding that is none", frame(Buffer.alloc(4), { compressed: true }), { "grpc-encoding": "sandwich" }],
    ["nothing at all", Buffer.alloc(0), {}],
  ] as readonly (readonly [string, Buffer, Record<string, string>])[])(
    "%s as a gRPC request is answered with a status",
    async (_, body, headers) => {
      const [internal, unimplemented] = [`status ${status.INTERNAL}`, `status ${status.UNIMPLEMENTED}`];
      expect([internal, unimplemented]).toContain(await rawCall(front, "/treeline.v1.EnrollmentService/Enroll", body, headers));
      expect([internal, unimplemented]).toContain(await rawCall(sessions, "/treeline.v1.AgentService/Confirm", body, headers));
      // A session that says nothing ends well.
      expect([internal, unimplemented, `status ${status.OK}`]).toContain(
        await rawCall(sessions, "/treeline.v1.AgentService/Session", body, headers),
      );
    },
  );

  test("a method that is not there", async () => {
    expect(await rawCall(front, "/treeline.v1.NodeService/Format", frame(Buffer.alloc(0)))).toBe(`status ${status.UNIMPLEMENTED}`);
    // The services of one listener are not on the other.
    expect(await rawCall(sessions, "/treeline.v1.NodeService/ListNodes", frame(Buffer.alloc(0)))).toBe(`status ${status.UNIMPLEMENTED}`);
  });

  test("an operator's call without a token", async () => {
    expect(await rawCall(front, "/treeline.v1.NodeService/ListNodes", frame(Buffer.alloc(0)))).toBe(`status ${status.UNAUTHENTICATED}`);
  });

  test("noise instead of HTTP/2, with and without TLS", async () => {
    for (const listener of [front, sessions]) {
      await rawTls(listener, noise);
      await rawTls(listener, noise, ["h2"]);
      await rawTcp(listener, noise);
    }
  });

  test("noise instead of HTTP on the HTTPS port: 400, or the connection ends", async () => {
    expect(await rawTls(https, Buffer.from("MAKE ME A SANDWICH\r\n\r\n"))).toMatch(/^HTTP\/1\.1 400 /);
    expect(await rawTls(https, noise)).toMatch(/^$|^HTTP\/1\.1 400 /);
    expect(await rawTls(https, Buffer.from(`GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: ${"a".repeat(32_768)}\r\n\r\n`))).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    await rawTcp(https, Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
  });
});

test("a database of a newer server is left as it was, with status 1 and what to do", async () => {
  const { fleet } = shared;
  await fleet.server.stop();
  const file = path.join(fleet.server.data, "treeline.db");
  const database = new DatabaseSync(file);
  database.exec("insert into schema_migration (number, name, since) values (99, 'from-the-future', '9.9.9')");
  database.exec("pragma wal_checkpoint(truncate)");
  database.close();
  const before = await readFile(file);
  const { code, stderr } = await runServer([`--data=${fleet.server.data}`, "--listen-front=0", "--listen-sessions=0", "--listen-https=0"]);
  expect(code).toBe(1);
  expect(stderr).toContain("start a server of at least version 9.9.9 or restore the backup");
  expect((await readFile(file)).equals(before)).toBe(true);
});
