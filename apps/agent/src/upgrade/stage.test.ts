import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { fsck, hasWholeCommit, readDeployments, resolveRef, sysrootRepo } from "@treeline/ostree";
import { silentLogger } from "@treeline/process";
import { emptyJournal, type Amount, type JournalAttempt, type Measured } from "@treeline/upgrade";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startContentProxy } from "../content-proxy/proxy.ts";
import { sendBody, testUpstream, type TestRequest } from "../content-proxy/test-upstream.ts";
import { osStateOf } from "../observe.ts";
import { testFleet, type TestFleet } from "../test-fleet.ts";
import type { Fetched } from "./fetch-release.ts";
import { measure } from "./measure.ts";
import { stage, type StageOptions } from "./stage.ts";
import { installSysroot, nothingMustStart, testArchive, testDirectory, testRef, type TestRelease } from "./test-host.ts";

const exec = promisify(execFile);
/** Does not compress, and is large enough to break off in. */
const blob = randomBytes(300_000);

type Fault = (request: TestRequest, response: ServerResponse, body: Buffer) => boolean;

describe("staging with a real ostree and a content server that fails", () => {
  let fleet: TestFleet;
  let stack: AsyncDisposableStack;
  let sysroot: string;
  let repo: string;
  let directory: string;
  let archive: Awaited<ReturnType<typeof testArchive>>;
  let v1: TestRelease;
  let upstream: Awaited<ReturnType<typeof testUpstream>>;
  /** What the server does in place of an answer; true: it has done something. */
  let fault: Fault | undefined;
  /** Body bytes of whole answers, by path. */
  let sent: Map<string, number>;

  beforeAll(async () => {
    fleet = await testFleet();
  });
  afterAll(() => fleet[Symbol.asyncDispose]());

  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    directory = stack.use(await testDirectory()).path;
    archive = await testArchive(directory);
    v1 = await archive.publish("1", { files: { "usr/share/blob": blob }, sizes: true });
    sysroot = join(directory, "sysroot");
    repo = sysrootRepo(sysroot);
    await installSysroot({ sysroot, archive, installed: v1 });
    await mkdir(join(directory, "state"));
    fault = undefined;
    sent = new Map();
    upstream = stack.use(
      await testUpstream(fleet, (request, response) => {
        const path = request.path.replace(/^\/ostree/, "");
        void readFile(join(archive.repo, path)).then(
          (body) => {
            if (fault?.(request, response, body) === true) return;
            sent.set(path, (sent.get(path) ?? 0) + body.length);
            sendBody(request, response, body);
          },
          () => response.writeHead(404).end(),
        );
      }),
    );
  });
  afterEach(() => stack.disposeAsync());

  async function staged(release: TestRelease, more: Partial<StageOptions> & { readonly idleMillis?: number } = {}) {
    const progress: Fetched[] = [];
    const { idleMillis = 60_000, ...rest } = more;
    const attempt: JournalAttempt = {
      ...{ ref: { rollout: "r", number: 1 }, soakMillis: 0, step: "staging", note: "", sessionProven: false },
      ...{ target: { ...release, ref: testRef }, base: { checksum: v1.checksum, serial: 0 } },
    };
    const result = await stage(attempt, {
      ...{ repo, sysroot, os: osStateOf("boot", await readDeployments({ sysroot })), journal: emptyJournal, stateDirectory: join(directory, "state"), mustStart: nothingMustStart },
      content: { endpoints: [upstream.endpoint], basePath: "/ostree", tls: fleet.tls, idleMillis, retry: { baseMs: 1, maxMs: 2 } },
      trustedKeys: () => Promise.resolve([archive.keys.publicKey]),
      delayMillis: () => 1,
      stallMillis: 60_000,
      onProgress: (done) => progress.push(done),
      signal: new AbortController().signal,
      logger: silentLogger,
      ...rest,
    });
    return { result, last: progress.at(-1)! };
  }
  const bytesOf = (form: RegExp): number => [...sent].reduce((sum, [path, bytes]) => sum + (form.test(path) ? bytes : 0), 0);
  const requested = (form: RegExp): readonly string[] => upstream.requests.map(({ path }) => path.replace(/^\/ostree/, "")).filter((path) => form.test(path));
  const changed = (): Buffer => Buffer.from(blob.map((byte, index) => (index % 10_000 === 0 ? byte ^ 1 : byte)));
  const isWhole = async (release: TestRelease): Promise<void> => {
    expect(await hasWholeCommit(repo, release.checksum)).toBe(true);
    expect(await resolveRef({ repo, ref: "treeline/target" })).toBe(release.checksum);
    await fsck({ repo });
  };

  it("takes the delta where it is fewer bytes, and knew how many there would be", async () => {
    const v2 = await archive.publish("2", { files: { "usr/share/blob": changed() }, sizes: true, deltaFrom: v1.checksum });
    const { result, last } = await staged(v2);
    expect(result).toEqual({ ok: true });
    await isWhole(v2);
    expect(requested(/\.filez$/)).toEqual([]);
    expect(last.bytes).toBe(bytesOf(/./));
    expect(bytesOf(/\/deltas\/.*\/\d+$/)).toBeLessThan(blob.length / 2);
  });

  it("fetches objects where the delta is not fewer bytes, and counts them exactly", async () => {
    // The host has most of it from a release that it came back from; a delta brings all that its base lacks.
    const files = { "usr/share/blob": randomBytes(300_000) };
    const between = await archive.publish("1.5", { files });
    await exec("ostree", [`--repo=${repo}`, "pull-local", archive.repo, between.checksum]);
    const v2 = await archive.publish("2", { files, sizes: true, deltaFrom: v1.checksum });
    const { result, last } = await staged(v2);
    expect(result).toEqual({ ok: true });
    await isWhole(v2);
    expect(requested(/\/deltas\/.*\/\d+$/)).toEqual([]);
    expect(requested(/\.filez$/).length).toBeGreaterThan(0);
    expect(last.bytes).toBe(bytesOf(/./));
  });

  it("measures beforehand, to the byte, what a delta and what objects would take", async () => {
    const files = { "usr/share/blob": changed(), "usr/share/new": randomBytes(5000) };
    const v2 = await archive.publish("2", { files, sizes: true, deltaFrom: v1.checksum });
    let measured: Measured | undefined;
    const beforeContent = async (): Promise<void> => {
      const tls = { endpoints: [upstream.endpoint], basePath: "/ostree", tls: fleet.tls, logger: silentLogger };
      await using proxy = await startContentProxy(tls);
      measured = await measure({ repo, url: proxy.url, checksum: v2.checksum, base: v1.checksum, signal: new AbortController().signal });
      sent.clear();
    };
    expect((await staged(v2, { beforeContent })).result).toEqual({ ok: true });
    const { delta, loose } = measured as { readonly delta: Amount; readonly loose: Amount };
    // The superblock came twice: once to be measured.
    expect(delta.bytes).toBe(bytesOf(/^\/deltas\//) - bytesOf(/\/superblock$/) / 2);

    // The same release on a host that gets no delta.
    await exec("ostree", [`--repo=${archive.repo}`, "static-delta", "delete", `${v1.checksum}-${v2.checksum}`]);
    await exec("ostree", [`--repo=${archive.repo}`, "summary", "--update"]);
    for (const ref of ["treeline/target", `treeline:${testRef}`]) await exec("ostree", ["refs", `--repo=${repo}`, "--delete", ref]);
    await exec("ostree", ["admin", "cleanup", `--sysroot=${sysroot}`]);
    sent.clear();
    expect((await staged(v2)).result).toEqual({ ok: true });
    const objects = bytesOf(/\.(filez|dirtree|dirmeta)$/);
    expect(loose).toMatchObject({ bytes: objects, missingBytes: objects });
    expect(loose.objects).toBe([...sent.keys()].filter((path) => /\.(filez|dirtree|dirmeta)$/.test(path)).length);
    expect(delta.objects).toBe(loose.objects);
  });

  it("takes the delta on trust where the commit does not say how large its objects are", async () => {
    const v2 = await archive.publish("2", { files: { "usr/share/blob": blob, "usr/share/small": randomBytes(100) }, deltaFrom: v1.checksum });
    expect((await staged(v2)).result).toEqual({ ok: true });
    expect(requested(/\.filez$/)).toEqual([]);
    await isWhole(v2);
  });

  it.each<[string, () => Fault]>([
    ["503 to every third request", () => { let n = 0; return (_, response) => n++ % 3 === 0 && (response.writeHead(503).end(), true); }],
    ["a connection that is reset in the middle of every object, once", () => {
      const broken = new Set<string>();
      return (request, response, body) => {
        if (!request.path.endsWith(".filez") || broken.has(request.path)) return false;
        broken.add(request.path);
        response.writeHead(200, { etag: '"v1"', "content-length": body.length });
        response.write(body.subarray(0, body.length >> 1), () => setTimeout(() => response.destroy(), 20));
        return true;
      };
    }],
    ["a server that is silent once, for every object", () => {
      const silent = new Set<string>();
      return ({ path }) => path.endsWith(".filez") && !silent.has(path) && silent.add(path).size > 0;
    }],
    ["a server that sends in small pieces", () => (request, response, body) => {
      if (!request.path.endsWith(".filez")) return false;
      response.writeHead(200, { "content-length": body.length });
      const send = (at: number): void => void (at >= body.length ? response.end() : response.write(body.subarray(at, at + 10_000), () => setTimeout(send, 1, at + 10_000)));
      send(0);
      return true;
    }],
  ])("goes through %s, without a byte that ostree did not ask for", async (_, makeFault) => {
    const v2 = await archive.publish("2", { files: { "usr/share/blob": randomBytes(300_000) } });
    fault = makeFault();
    const { result, last } = await staged(v2, { idleMillis: 300 });
    expect(result).toEqual({ ok: true });
    await isWhole(v2);
    const objects = new Set(requested(/^\/objects\/.*\.(filez|dirtree|dirmeta)$/));
    let whole = 0;
    for (const path of objects) whole += (await stat(join(archive.repo, path))).size;
    // Besides: the commit and its signature, as often as ostree asks.
    expect(last.bytes).toBeGreaterThanOrEqual(whole);
    expect(last.bytes - whole).toBeLessThan(20_000);
  });

  it.each<[string, RegExp, Fault]>([
    ["is flipped on the way", /corrupt-object/, (request, response, body) => request.path.endsWith(".filez") && body.length > 1000 && (sendBody(request, response, body.map((byte, i) => (i === 999 ? byte ^ 1 : byte)) as Buffer), true)],
    ["is cut short", /corrupt-object/, (request, response, body) => request.path.endsWith(".filez") && body.length > 1000 && (sendBody(request, response, body.subarray(0, 999)), true)],
    ["is missing", /http-status/, ({ path }, response, body) => path.endsWith(".filez") && body.length > 1000 && (response.writeHead(404).end(), true)],
    ["is answered with 500 for ever", /http-status/, ({ path }, response, body) => path.endsWith(".filez") && body.length > 1000 && (response.writeHead(500).end(), true)],
  ])("stages nothing when an object %s, and what is right once the fault is gone", async (_, reason, made) => {
    const v2 = await archive.publish("2", { files: { "usr/share/blob": randomBytes(300_000) } });
    fault = made;
    const { result } = await staged(v2);
    expect(result).toMatchObject({ ok: false, retryable: true, reason: expect.stringMatching(reason) });
    expect(await resolveRef({ repo, ref: "treeline/target" })).toBeNull();
    expect(await hasWholeCommit(repo, v2.checksum)).toBe(false);
    fault = undefined;
    expect((await staged(v2)).result).toEqual({ ok: true });
    await isWhole(v2);
  });

  it("stops a download that hangs, says so, and goes on where it stopped", async () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`usr/share/blob${i}`, randomBytes(100_000)]));
    const v2 = await archive.publish("2", { files, sizes: true });
    let objects = 0;
    fault = ({ path }) => path.endsWith(".filez") && ++objects > 6;
    const first = await staged(v2, { stallMillis: 1500 });
    expect(first.result).toMatchObject({ ok: false, retryable: true, reason: expect.stringMatching(/stalled.*not one byte came for 1500 ms/) });
    expect(first.last.bytes).toBeLessThan(first.last.total!);
    fault = undefined;
    const second = await staged(v2);
    expect(second.result).toEqual({ ok: true });
    await isWhole(v2);
    expect(second.last.total).toBeLessThan(first.last.total!);
  });

  it("stops at once when it is called off, and keeps what came", async () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`usr/share/blob${i}`, randomBytes(100_000)]));
    const v2 = await archive.publish("2", { files, sizes: true });
    const called = new AbortController();
    let objects = 0;
    fault = ({ path }) => path.endsWith(".filez") && ++objects > 6 && (setTimeout(() => called.abort(), 500), true);
    expect((await staged(v2, { signal: called.signal })).result).toMatchObject({ ok: false, retryable: true, reason: expect.stringContaining("aborted") });
    fault = undefined;
    const before = bytesOf(/\.filez$/);
    expect((await staged(v2)).result).toEqual({ ok: true });
    expect(bytesOf(/\.filez$/) - before).toBeLessThan(800_000);
    await isWhole(v2);
  });

  it("finds a damaged delta out and fetches the objects", async () => {
    const v2 = await archive.publish("2", { files: { "usr/share/blob": changed() }, sizes: true, deltaFrom: v1.checksum });
    fault = (request, response, body) => /\/deltas\/.*\/0$/.test(request.path) && (sendBody(request, response, body.map((byte, i) => (i === 500 ? byte ^ 1 : byte)) as Buffer), true);
    expect((await staged(v2)).result).toEqual({ ok: true });
    expect(requested(/\.filez$/).length).toBeGreaterThan(0);
    await isWhole(v2);
  });

  it("refuses a server that sends no superblock but a flood", async () => {
    const v2 = await archive.publish("2", { files: { "usr/share/blob": changed() }, deltaFrom: v1.checksum });
    let looks = 0;
    fault = ({ path }, response) => {
      if (!path.endsWith("/superblock") || looks++ > 0) return false;
      response.writeHead(200);
      const chunk = Buffer.alloc(1024 * 1024);
      const pour = (): void => void (response.destroyed || response.write(chunk, () => setImmediate(pour)));
      pour();
      return true;
    };
    expect((await staged(v2)).result).toEqual({ ok: true });
    await isWhole(v2);
  });
});
