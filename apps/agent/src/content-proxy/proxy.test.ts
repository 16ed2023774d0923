import { randomBytes } from "node:crypto";
import { request, type ServerResponse } from "node:http";
import { silentLogger } from "@treeline/process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testFleet, type TestFleet } from "../test-fleet.ts";
import { startContentProxy } from "./proxy.ts";
import { sendBody, testUpstream } from "./test-upstream.ts";

const objectPath = `/objects/ab/${"c".repeat(62)}.filez`;
const body = randomBytes(300_000);

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await testFleet();
});
afterAll(() => fleet[Symbol.asyncDispose]());

const start = (endpoints: readonly string[], more: { readonly bytesPerSecond?: number; readonly idleMillis?: number; readonly tls?: TestFleet["tls"] } = {}) =>
  startContentProxy({ endpoints, basePath: "/ostree", tls: fleet.tls, retry: { baseMs: 1, maxMs: 2 }, logger: silentLogger, ...more });

interface Got {
  readonly status: number;
  readonly body: Buffer;
  readonly whole: boolean;
  readonly length: string | undefined;
}

/** A plain client, as ostree is one: no retries, paths as given. */
function get(url: string, path: string, method = "GET"): Promise<Got> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path: `${pathname}${path}`, method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      const settle = (): void => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), whole: response.complete, length: response.headers["content-length"] });
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", settle);
      response.on("end", settle);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

/** A part of the body, and later, when it has surely gone through, the end of the connection. */
function breakOff(response: ServerResponse): void {
  response.write(body.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 50));
}

describe("content proxy", () => {
  it("fetches over mutual TLS and counts bytes and objects exactly", async () => {
    await using upstream = await testUpstream(fleet, (asked, response) => sendBody(asked, response, body));
    await using proxy = await start([upstream.endpoint]);
    const got = await get(proxy.url, objectPath);
    expect(got.status).toBe(200);
    expect(got.body.equals(body)).toBe(true);
    await get(proxy.url, "/summary");
    expect(upstream.requests.map(({ path }) => path)).toEqual([`/ostree${objectPath}`, "/ostree/summary"]);
    expect(proxy.counters).toMatchObject({ requests: 2, bytes: 2 * body.length, objects: 1, retries: 0, failures: 0 });
  });

  it("keeps connections for the next request", async () => {
    await using upstream = await testUpstream(fleet, (asked, response) => sendBody(asked, response, body));
    await using proxy = await start([upstream.endpoint]);
    for (let i = 0; i < 5; i++) await get(proxy.url, objectPath);
    expect(upstream.connections()).toBe(1);
  });

  it("answers 403 to a wrong token, 400 to a path no repository has, 405 to other methods, and asks nobody for them", async () => {
    await using upstream = await testUpstream(fleet, (asked, response) => sendBody(asked, response, body));
    await using proxy = await start([upstream.endpoint]);
    const { origin, pathname } = new URL(proxy.url);
    expect((await get(`${origin}/${"0".repeat(64)}`, objectPath)).status).toBe(403);
    expect((await get(`${origin}/`, "")).status).toBe(403);
    for (const path of ["/../secret", "/objects/../../secret", "/a/./b", "/objects//x", "/%2e%2e/secret", "/summary?x=1", "", "/"]) {
      expect([path, (await get(`${origin}${pathname}`, path)).status]).toEqual([path, 400]);
    }
    expect((await get(proxy.url, objectPath, "PUT")).status).toBe(405);
    expect(upstream.requests).toEqual([]);
  });

  it("goes on in mid-body with a range request, in the same answer", async () => {
    let broken = false;
    await using upstream = await testUpstream(fleet, (asked, response) => {
      if (broken) return sendBody(asked, response, body);
      broken = true;
      response.writeHead(200, { etag: '"v1"', "content-length": body.length });
      return breakOff(response);
    });
    await using proxy = await start([upstream.endpoint]);
    const got = await get(proxy.url, objectPath);
    expect(got.body.equals(body)).toBe(true);
    const [, second] = upstream.requests;
    // Its name says what it holds.
    expect(second?.ifRange).toBeUndefined();
    expect(Number(/^bytes=(\d+)-$/.exec(second?.range ?? "")?.[1])).toBeGreaterThan(0);
    expect(proxy.counters).toMatchObject({ bytes: body.length, objects: 1, retries: 1 });
  });

  it.each(['"v1"', 'W/"v1"'])("goes on with what may change only if it has not (%s)", async (etag) => {
    let broken = false;
    await using upstream = await testUpstream(fleet, (asked, response) => {
      if (broken) return sendBody(asked, response, body, etag);
      broken = true;
      response.writeHead(200, { etag, "content-length": body.length });
      return breakOff(response);
    });
    await using proxy = await start([upstream.endpoint]);
    expect((await get(proxy.url, "/summary")).body.equals(body)).toBe(true);
    expect(upstream.requests[1]?.ifRange).toBe(etag);
  });

  it("goes on with an object from an endpoint that names another validator for it", async () => {
    await using breaks = await testUpstream(fleet, (_, response) => {
      response.writeHead(200, { etag: '"here"', "content-length": body.length });
      return breakOff(response);
    });
    await using well = await testUpstream(fleet, (asked, response) => sendBody(asked, response, body, 'W/"there"'));
    await using proxy = await start([breaks.endpoint, well.endpoint]);
    expect((await get(proxy.url, objectPath)).body.equals(body)).toBe(true);
    expect(well.requests[0]?.range).toMatch(/^bytes=[1-9]/);
    expect(proxy.counters).toMatchObject({ bytes: body.length, objects: 1 });
  });

  it("answers HEAD with the length and no body", async () => {
    await using upstream = await testUpstream(fleet, (asked, response) => (asked.method === "HEAD" ? response.writeHead(200, { "content-length": body.length }).end() : response.destroy()));
    await using proxy = await start([upstream.endpoint]);
    const got = await get(proxy.url, objectPath, "HEAD");
    expect([got.status, got.body.length, got.length]).toEqual([200, 0, String(body.length)]);
    expect(upstream.requests).toMatchObject([{ method: "HEAD" }]);
    expect(proxy.counters).toMatchObject({ bytes: 0, retries: 0 });
  });

  it("skips up to the place where a server knows no ranges", async () => {
    let broken = false;
    await using upstream = await testUpstream(fleet, (_, response) => {
      response.writeHead(200, { "content-length": body.length });
      if (broken) return response.end(body);
      broken = true;
      return breakOff(response);
    });
    await using proxy = await start([upstream.endpoint]);
    expect((await get(proxy.url, objectPath)).body.equals(body)).toBe(true);
    expect(proxy.counters.bytes).toBe(body.length);
  });

  it("never joins two versions of a thing that may change", async () => {
    let versions = 0;
    await using upstream = await testUpstream(fleet, (asked, response) => {
      const etag = `"v${versions++}"`;
      if (versions > 1) return sendBody(asked, response, body, etag);
      response.writeHead(200, { etag, "content-length": body.length });
      return breakOff(response);
    });
    await using proxy = await start([upstream.endpoint]);
    const got = await get(proxy.url, "/summary");
    expect(got.whole).toBe(false);
    expect(proxy.counters.failures).toBe(1);
  });

  it("does not let ostree see passing faults, and tells it in the end", async () => {
    let faults = 3;
    await using upstream = await testUpstream(fleet, (asked, response) => (faults-- > 0 ? response.writeHead(503).end() : sendBody(asked, response, body)));
    await using proxy = await start([upstream.endpoint]);
    expect((await get(proxy.url, objectPath)).status).toBe(200);
    expect(proxy.counters.retries).toBe(3);
    faults = Number.POSITIVE_INFINITY;
    expect((await get(proxy.url, objectPath)).status).toBe(502);
    expect(proxy.counters).toMatchObject({ failures: 1, objects: 1 });
  });

  it("passes a 404 on at once", async () => {
    await using upstream = await testUpstream(fleet, (_, response) => response.writeHead(404).end());
    await using proxy = await start([upstream.endpoint]);
    expect((await get(proxy.url, objectPath)).status).toBe(404);
    expect(proxy.counters).toMatchObject({ retries: 0, objects: 0 });
  });

  it("fails over to the next content endpoint and stays there", async () => {
    await using sick = await testUpstream(fleet, (_, response) => response.writeHead(503).end());
    await using well = await testUpstream(fleet, (asked, response) => sendBody(asked, response, body));
    await using proxy = await start([sick.endpoint, well.endpoint]);
    expect((await get(proxy.url, objectPath)).body.equals(body)).toBe(true);
    expect((await get(proxy.url, objectPath)).body.equals(body)).toBe(true);
    expect([sick.requests.length, well.requests.length]).toEqual([1, 2]);
  });

  it("asks again when the server falls silent", async () => {
    let silent = true;
    await using upstream = await testUpstream(fleet, (asked, response) => {
      if (!silent) return sendBody(asked, response, body);
      silent = false;
      response.writeHead(200, { etag: '"v1"', "content-length": body.length });
      return response.write(body.subarray(0, 1000));
    });
    await using proxy = await start([upstream.endpoint], { idleMillis: 200 });
    expect((await get(proxy.url, objectPath)).body.equals(body)).toBe(true);
    expect(upstream.requests).toHaveLength(2);
  });

  it("trusts the pinned authority alone, and sends nothing to a server of another", async () => {
    await using other = await testFleet();
    // It would take us.
    await using upstream = await testUpstream(other, (asked, response) => sendBody(asked, response, body), { clientsOf: fleet });
    await using proxy = await start([upstream.endpoint]);
    expect((await get(proxy.url, objectPath)).status).toBe(502);
    expect(upstream.requests).toEqual([]);
  });

  it("is refused without the node's certificate", async () => {
    await using other = await testFleet();
    await using upstream = await testUpstream(fleet, (asked, response) => sendBody(asked, response, body));
    await using proxy = await start([upstream.endpoint], { tls: { ...other.tls, caPem: fleet.tls.caPem } });
    expect((await get(proxy.url, objectPath)).status).toBe(502);
    expect(upstream.requests).toEqual([]);
  });

  it("gives everything through a rate limit", async () => {
    await using upstream = await testUpstream(fleet, (asked, response) => sendBody(asked, response, body));
    await using proxy = await start([upstream.endpoint], { bytesPerSecond: 3_000_000, idleMillis: 100 });
    const got = await Promise.all([get(proxy.url, objectPath), get(proxy.url, objectPath)]);
    expect(got.every(({ body: received }) => received.equals(body))).toBe(true);
    expect(proxy.counters).toMatchObject({ bytes: 2 * body.length, retries: 0 });
  });

  it("is gone when it is disposed", async () => {
    await using upstream = await testUpstream(fleet, (asked, response) => sendBody(asked, response, body));
    const proxy = await start([upstream.endpoint]);
    await proxy[Symbol.asyncDispose]();
    await expect(get(proxy.url, objectPath)).rejects.toThrow();
  });
});
