import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { commitTree, initArchive, objectsOf, readCommit, verifyCommit } from "@treeline/ostree";
import { createFrontClients, RpcError, type wire } from "@treeline/rpc";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { planUpload } from "./publish.ts";
import { createWorkplace, type Ended, type Workplace } from "./test-launcher.ts";
import { createIdentity, operatorToken, startTestServer, type TestServer, type TestServerOptions } from "./test-server.ts";

/** Signing and publishing from a real repository, with the real launcher, to a listener that keeps what it is sent. */

const identity = createIdentity();
const ref = "os/stable";

let work: Workplace;
let checksum: string;
let server: TestServer | undefined;

beforeAll(async () => {
  work = await createWorkplace();
  const [repo, tree] = [join(work.directory, "repo"), join(work.directory, "tree")];
  await mkdir(join(tree, "usr/bin"), { recursive: true });
  await writeFile(join(tree, "usr/bin/small"), "small");
  // Several chunks, and bytes that do not compress.
  await writeFile(
    join(tree, "usr/bin/large"),
    Buffer.concat(Array.from({ length: 20_000 }, (_, n) => createHash("sha512").update(String(n)).digest())),
  );
  await mkdir(repo);
  await initArchive({ repo });
  checksum = await commitTree({ repo, ref, tree, version: "42.1", bootable: false });
  expect((await work.treeline(["release", "keygen", "--out", "release"])).code).toBe(0);
});

afterAll(() => work[Symbol.asyncDispose]());

beforeEach(async () => {
  await rm(join(work.directory, `repo/objects/${checksum.slice(0, 2)}/${checksum.slice(2)}.commitmeta`), { force: true });
});

afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  server = undefined;
});

const sign = (...args: readonly string[]): Promise<Ended> =>
  work.treeline(["release", "sign", "--repo", "repo", "--ref", ref, "--key", "release.key", ...args]);

async function publish(options: TestServerOptions, ...args: readonly string[]): Promise<Ended> {
  server = await startTestServer({ identity, ...options });
  const env = { TREELINE_CREDENTIAL: await work.write("credential.yaml", server.credential) };
  return work.treeline(["release", "publish", "--repo", "repo", "--ref", ref, ...args], { env });
}

/** A server that has some objects and keeps those it is sent. */
function keeper(has: (name: string) => boolean) {
  const received = new Map<string, Buffer>();
  const asked: number[] = [];
  let header: wire.PublishHeader | undefined;
  const options: TestServerOptions = {
    answers: {
      ListMissingObjects: ({ objects }: wire.ListMissingObjectsRequest__Output) => {
        asked.push(objects.length);
        // A server that asks for more than belongs to the commit does not get it.
        return { missing: [...objects.filter((name) => !has(name)), "../../release.key", `${"00".repeat(32)}.filez`] };
      },
    },
    async publish(messages) {
      let name = "";
      const sizes = new Map<string, number>();
      for await (const message of messages) {
        if (message.header) header = message.header;
        else if (message.object) {
          name = message.object.name;
          sizes.set(name, Number(message.object.size));
          received.set(name, Buffer.alloc(0));
        } else received.set(name, Buffer.concat([received.get(name) ?? Buffer.alloc(0), message.chunk ?? Buffer.alloc(0)]));
      }
      for (const [key, bytes] of received) if (bytes.length !== sizes.get(key)) throw new Error(`${key} has ${bytes.length} bytes`);
      const bytes = [...received.values()].reduce((sum, { length }) => sum + length, 0);
      return {
        release: {
          ...header,
          publishedAtMillis: "1700000000000",
          objects: 9,
          bytes: "1",
          unmanaged: header?.unmanaged ? "published so" : "",
        },
        objectsReceived: received.size,
        bytesReceived: String(bytes),
      };
    },
  };
  return { options, received, asked, header: () => header };
}

const bytesOf = async (name: string): Promise<Buffer> =>
  readFile(join(work.directory, `repo/objects/${name.slice(0, 2)}/${name.slice(2)}`));

describe("a release key", () => {
  it("is made once, its private half for its owner alone", async () => {
    const file = join(work.directory, "release.key");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const before = await readFile(file, "utf8");
    const { code, stdout, stderr } = await work.treeline(["release", "keygen", "--out", "release"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: release\.pub exists\nhint: choose another --out/);
    expect(await readFile(file, "utf8")).toBe(before);
  });

  it("is named release in a directory; standard output is its public half", async () => {
    await mkdir(join(work.directory, "keys"));
    const { stdout, stderr } = await work.treeline(["release", "keygen", "--out", "keys"]);
    expect((await readdir(join(work.directory, "keys"))).sort()).toEqual(["release.key", "release.pub"]);
    expect(await readFile(join(work.directory, "keys/release.pub"), "utf8")).toBe(stdout);
    expect(stdout + stderr).not.toContain((await readFile(join(work.directory, "keys/release.key"), "utf8")).trim());
  });
});

describe("signing", () => {
  it("makes a signature that verifies with the public key, and leaves the repository sound", async () => {
    const { code, stdout } = await sign();
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${checksum}\n` });
    const repo = join(work.directory, "repo");
    const key = (await readFile(join(work.directory, "release.pub"), "utf8")).trim();
    expect(verifyCommit({ ...(await readCommit({ repo, checksum })), checksum, trustedKeys: [key] })).toEqual({ ok: true, key });
    execFileSync("ostree", ["fsck", `--repo=${repo}`, "--quiet"], { stdio: "pipe" });
  });

  it("takes the key from standard input, and a commit in place of a ref", async () => {
    const stdin = await readFile(join(work.directory, "release.key"), "utf8");
    const { code, stdout } = await work.treeline(["release", "sign", "--repo", "repo", "--commit", checksum, "--key", "-", "-o", "json"], {
      stdin,
    });
    expect({ code, value: JSON.parse(stdout) }).toMatchObject({ code: 0, value: { checksum } });
  });

  it("refuses what is no key without showing it", async () => {
    const { code, stderr } = await work.treeline([
      "release",
      "sign",
      "--repo",
      "repo",
      "--ref",
      ref,
      "--key",
      await work.write("bad.key", "bm90LWEta2V5"),
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: secret key: has 9 bytes, not 64/);
    expect(stderr).not.toContain("bm90LWEta2V5");
  });

  it("names a ref that is not there", async () => {
    const { code, stderr } = await work.treeline(["release", "sign", "--repo", "repo", "--ref", "os/typo", "--key", "release.key"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: repo has no ref os\/typo\nhint: .*ostree refs --repo=repo --list/);
  });
});

describe("publishing", () => {
  it("refuses a commit that is not signed, before it talks to the server", async () => {
    const { code, stderr } = await publish({});
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: commit [0-9a-f]{64} is not signed.*\nhint: sign it with `treeline release sign --repo repo --ref os\/stable --key FILE`/,
    );
    expect(server?.requests).toEqual([]);
  });

  it("sends every object to a server that has none, byte for byte, in the commit's own version", async () => {
    await sign();
    const { options, received, header } = keeper(() => false);
    const { code, stdout, stderr } = await publish(options);
    expect(stderr).toMatch(/^sending 8 objects, 1\.2 MiB\npublished 42\.1: the server took 8 objects, 1\.2 MiB\n$/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^VERSION[^]*42\.1/);
    expect(header()).toEqual({ ref, version: "42.1", checksum, unmanaged: false });
    const names = await objectsOf({ repo: join(work.directory, "repo"), checksum });
    expect([...received.keys()]).toEqual(names);
    for (const name of names) expect(received.get(name)?.equals(await bytesOf(name)), name).toBe(true);
  });

  it("says of a release that it is unmanaged, and shows it", async () => {
    await sign();
    const { options, header } = keeper(() => true);
    const { code, stdout } = await publish(options, "--unmanaged");
    expect(code).toBe(0);
    expect(header()).toMatchObject({ unmanaged: true });
    expect(stdout).toMatch(/ MANAGED +AGE\n.* no +/);
  });

  it("sends only what the server lacks, and always the commit with its signature", async () => {
    await sign();
    const { options, received } = keeper(() => true);
    const { code, stdout, stderr } = await publish(options, "--version", "43", "-o", "json");
    expect(code).toBe(0);
    expect(stderr).toContain("; the server has the other 6\n");
    expect(JSON.parse(stdout)).toMatchObject({ version: "43", checksum });
    expect([...received.keys()]).toEqual([`${checksum}.commit`, `${checksum}.commitmeta`]);
  });

  it("asks for many objects in batches that fit into a message", async () => {
    const { options, asked } = keeper(() => true);
    server = await startTestServer({ identity, ...options });
    const clients = createFrontClients({ endpoint: server.endpoint, caPem: identity.certPem, token: operatorToken });
    try {
      const names = [`${checksum}.commit`, ...Array.from({ length: 4500 }, (_, n) => `${(n + 1).toString(16).padStart(64, "0")}.filez`)];
      const upload = await planUpload({ releases: clients.releases, repo: join(work.directory, "repo"), names });
      expect(upload.objects.map(({ name }) => name)).toEqual([`${checksum}.commit`]);
      expect(asked).toEqual([2000, 2000, 501]);
    } finally {
      clients.close();
    }
  });

  it("stops at once when the server refuses in the middle", async () => {
    await sign();
    const { options } = keeper(() => false);
    const { code, stderr } = await publish({
      ...options,
      async publish(messages) {
        for await (const message of messages) if (message.chunk) break;
        throw new RpcError("the disk of the server is full", {
          status: status.RESOURCE_EXHAUSTED,
          reason: "NO_SPACE",
          remedy: "free space on the server",
        });
      },
    });
    expect(code).toBe(1);
    expect(stderr).toContain("error: the disk of the server is full\nhint: free space on the server\n");
  });

  it("needs an archive repository", async () => {
    const bare = join(work.directory, "bare");
    execFileSync("ostree", ["init", `--repo=${bare}`, "--mode=bare-user"]);
    const { code, stderr } = await work.treeline(["release", "publish", "--repo", bare, "--ref", ref]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/is a repository of mode bare-user[^]*hint: make one: `ostree init --repo=ARCHIVE --mode=archive/);
  });
});
