import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Probe } from "../configuration.ts";
import { temporaryDirectory, testFleet } from "../test-fleet.ts";
import { probeCheck } from "./probe.ts";
import { gone, script } from "./test-programs.ts";

type Written<P extends Probe = Probe> = P extends Probe ? Omit<P, "name" | "required"> : never;

const run = (probe: Written, timeoutMillis = 1100, signal = new AbortController().signal) =>
  probeCheck({ name: "web", required: true, ...probe } as Probe, 0, timeoutMillis).run(signal);

const failed = (problem: string) => ({ passed: false, output: expect.toSatisfy((text: string) => text.startsWith(`${problem} (tried `) && text.endsWith(" within 1.1 s)")) as string });

async function listening<S extends Server>(server: S): Promise<AsyncDisposable & { readonly port: number; readonly server: S }> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets = new Set<{ destroy(): unknown }>();
  server.on("connection", (socket) => sockets.add(socket));
  return {
    port: (server.address() as AddressInfo).port,
    server,
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => socket.destroy());
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}

const web = (listener: RequestListener) => listening(createHttpServer(listener));
const answering = (status: number, headers: Record<string, string> = {}) => web((_, response) => response.writeHead(status, headers).end("hello"));

it("passes when an HTTP server answers with a status from 200 to 299", async () => {
  for (const status of [200, 204, 299]) {
    await using server = await answering(status);
    expect(await run({ kind: "http", url: `http://127.0.0.1:${server.port}/health` })).toEqual({ passed: true, output: "" });
  }
});

it("fails on any other status, and follows no redirection", async () => {
  await using target = await answering(200);
  const check = async (status: number): Promise<void> => {
    await using server = await answering(status, { location: `http://127.0.0.1:${target.port}/` });
    expect(await run({ kind: "http", url: `http://127.0.0.1:${server.port}/` })).toEqual(failed(`answered with status ${status}`));
  };
  await Promise.all([302, 404, 503].map(check));
});

it("does not wait for the body, however long", async () => {
  let ended = (): void => {};
  const closed = new Promise<void>((resolve) => (ended = resolve));
  await using server = await web((_, response) => {
    response.writeHead(200);
    const more = setInterval(() => response.write("x".repeat(1024 * 1024)), 1);
    response.on("close", () => (clearInterval(more), ended()));
  });
  expect(await run({ kind: "http", url: `http://127.0.0.1:${server.port}/` }, 600_000)).toEqual({ passed: true, output: "" });
  await closed;
});

it("fails a server that accepts and does not answer, after the timeout", async () => {
  await using server = await web(() => {});
  expect(await run({ kind: "http", url: `http://127.0.0.1:${server.port}/` })).toEqual(failed("no answer"));
});

it("says why there is no connection", async () => {
  await using server = await answering(200);
  const { port } = server;
  await server[Symbol.asyncDispose]();
  const refused = failed(`connect ECONNREFUSED 127.0.0.1:${port}`);
  expect(await run({ kind: "http", url: `http://127.0.0.1:${port}/` })).toEqual(refused);
  expect(await run({ kind: "tcp", host: "127.0.0.1", port })).toEqual(refused);
});

it("tries again until it passes: a service may still be starting", async () => {
  let asked = 0;
  await using server = await web((_, response) => response.writeHead(++asked < 2 ? 503 : 200).end());
  expect(await run({ kind: "http", url: `http://127.0.0.1:${server.port}/` }, 600_000)).toEqual({ passed: true, output: "" });
  expect(asked).toBe(2);
});

it("trusts the host's own authorities for HTTPS, and no others", async () => {
  await using root = await temporaryDirectory();
  await using known = await testFleet();
  await using stranger = await testFleet();
  // Read once per process, so before the first request.
  process.env["SSL_CERT_FILE"] = join(root.path, "authorities.pem");
  await writeFile(process.env["SSL_CERT_FILE"], known.tls.caPem);
  const secure = ({ certPem, keyPem }: { certPem: string; keyPem: string }) => listening(createHttpsServer({ cert: certPem, key: keyPem }, (_, response) => response.end()));
  await using good = await secure(known.server);
  await using bad = await secure(stranger.server);
  expect(await run({ kind: "http", url: `https://127.0.0.1:${good.port}/` })).toEqual({ passed: true, output: "" });
  expect(await run({ kind: "http", url: `https://127.0.0.1:${bad.port}/` })).toMatchObject({ passed: false, output: expect.stringContaining("certificate") as string });
});

it("passes when something accepts TCP connections, and hangs up", async () => {
  const { promise: hungUp, resolve } = Promise.withResolvers<void>();
  await using server = await listening(createTcpServer((socket) => socket.on("end", () => (socket.end(), resolve())).resume()));
  expect(await run({ kind: "tcp", host: "127.0.0.1", port: server.port })).toEqual({ passed: true, output: "" });
  await hungUp;
});

it("runs a command without a shell", async () => {
  await using root = await temporaryDirectory();
  const program = join(root.path, "probe");
  await script(program, `printf '%s|' "$@"`);
  const result = await run({ kind: "exec", command: [program, "a b", "$(touch /tmp/x)", "; exit 1", ""] });
  expect(result).toEqual({ passed: true, output: "a b|$(touch /tmp/x)|; exit 1||" });
  expect(await run({ kind: "exec", command: ["true"] })).toEqual({ passed: true, output: "" });
});

it("fails a command that ends with another status, is missing, or takes too long, with what it printed", async () => {
  await using root = await temporaryDirectory();
  expect(await run({ kind: "exec", command: ["sh", "-c", "echo down; exit 3"] })).toEqual(failed("down\n(exit status 3)"));
  expect(await run({ kind: "exec", command: ["/no/such/program"] })).toMatchObject({ passed: false, output: expect.stringContaining("ENOENT") as string });
  const pid = join(root.path, "pid");
  const slow = await run({ kind: "exec", command: ["sh", "-c", `echo $$ > ${pid}; sleep 600`] }, 1000);
  expect(slow).toMatchObject({ passed: false, output: expect.stringMatching(/^\(timed out after (1|0\.9\d*) s\)/) as string });
  await gone(Number(await readFile(pid, "utf8")));
});

it("ends at once when it is stopped", async () => {
  await using server = await web(() => {});
  const stop = new AbortController();
  const probes: Written[] = [
    { kind: "http", url: `http://127.0.0.1:${server.port}/` },
    { kind: "tcp", host: "127.0.0.1", port: 1 },
    { kind: "exec", command: ["sleep", "600"] },
  ];
  const running = Promise.all(probes.map((probe) => run(probe, 600_000, stop.signal)));
  await once(server.server, "request");
  stop.abort();
  expect((await running).map(({ passed }) => passed)).toEqual([false, false, false]);
});

it("does not show the secrets of a URL", async () => {
  await using server = await answering(500);
  const { output } = await run({ kind: "http", url: `http://admin:hunter2@127.0.0.1:${server.port}/?key=hunter2` });
  expect(output).not.toContain("hunter2");
});
