import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { wire } from "@treeline/rpc";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { useTestBench } from "./test-bench.ts";
import { checksum, wireRollout } from "./test-rollout.ts";
import type { Answers } from "./test-server.ts";

/** The real launcher in a process of its own, against a listener with the real protocol over TLS: what is asked of the server, and what is printed. */

const { serve, treeline, work } = useTestBench();

const release: wire.Release = {
  checksum,
  ref: "os/stable",
  version: "42.1",
  publishedAtMillis: String(Date.now() - 12_600_000),
  signedBy: ["KEY"],
  objects: 3,
  bytes: "4404019",
  unmanaged: "built without agent",
};

describe("nodes", () => {
  const bootId = "0b5c0a4e-4a5c-4f1e-8d0a-2f1f6a1f9b3c";
  const node: wire.Node = {
    id: "7f5a1f5e-6f0e-4c9e-9a39-0d8f5b7f0a11",
    name: "web-1",
    labels: { site: "berlin" },
    connected: true,
    trust: { serial: "3", note: "" },
    phase: "UPDATE_PHASE_ROLLED_BACK",
    lastSeenAtMillis: String(Date.now() - 12_600_000),
    os: { bootId, deployments: [{ osname: "os", checksum, serial: 0, version: "42.1", refspec: "os/stable", booted: true }] },
    health: { state: "HEALTH_STATE_GREEN", bootId, checks: [{ name: "network", required: true, passed: true }] },
  };

  it("are listed page by page", async () => {
    const pages: Answers = {
      ListNodes: ({ pageToken }: wire.ListNodesRequest__Output) =>
        pageToken === ""
          ? { nodes: [node], nextPageToken: "2" }
          : { nodes: [{ ...node, name: "web-2", os: null, health: null, phase: 0 }] },
    };
    const server = await serve({ answers: pages });
    const { code, stdout, stderr } = await treeline(server, "node", "list", "--selector", "site=berlin", "--show-labels");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["NAME", "SESSION", "PHASE", "VERSION", "HEALTH", "ROLLOUT", "SLOT", "SEEN", "ID", "LABELS"],
      ["web-1", "connected", "RolledBack", "42.1", "green", "-", "-", "3h", node.id, "site=berlin"],
      ["web-2", "connected", "unknown", "-", "unknown", "-", "-", "3h", node.id, "site=berlin"],
      [""],
    ]);
    expect(server.requests.map(({ request }) => request)).toMatchObject([{ selector: "site=berlin", pageToken: "" }, { pageToken: "2" }]);
  });

  it("are one JSON array for machines, in the words of the domain", async () => {
    const { stdout } = await treeline(await serve({ answers: { ListNodes: () => ({ nodes: [node] }) } }), "-o", "json", "node", "list");
    expect(JSON.parse(stdout)).toMatchObject([
      {
        name: "web-1",
        phase: "RolledBack",
        enrolledAt: null,
        health: { state: "green" },
        os: { deployments: [{ serial: 0, booted: true }] },
        update: null,
      },
    ]);
  });

  it("are shown, labelled and revoked", async () => {
    const answer = (): unknown => ({ node });
    const server = await serve({ answers: { GetNode: answer, LabelNode: answer, RevokeNode: () => ({}) } });
    expect((await treeline(server, "node", "show", "web-1")).stdout).toMatch(
      /Name: +web-1\n[^]*Deployments:\n {2}VERSION[^]*Checks:\n[^]*network/,
    );
    expect((await treeline(server, "node", "show", "web-1")).stdout).toMatch(/^Release keys: +rotation 3 followed$/m);
    expect(parse((await treeline(server, "node", "show", "web-1", "-o", "yaml")).stdout)).toMatchObject({
      trust: { serial: 3, note: "" },
      id: node.id,
      phase: "RolledBack",
    });
    expect((await treeline(server, "node", "label", "web-1", "site=berlin", "canary-")).code).toBe(0);
    expect((await treeline(server, "node", "label", "web-1", "site")).code).toBe(2);
    expect((await treeline(server, "node", "revoke", "web-1", "--reason", "stolen")).code).toBe(0);
    expect(server.requests.slice(3)).toEqual([
      { method: "LabelNode", request: { node: "web-1", set: { site: "berlin" }, remove: ["canary"] } },
      { method: "RevokeNode", request: { node: "web-1", reason: "stolen" } },
    ]);
  });
});

describe("tokens", () => {
  const key = Buffer.alloc(32, 7).toString("base64");
  const answers: Answers = {
    CreateToken: () => ({ tokenId: "t-1", token: "tlt1_the-token", expiresAtMillis: String(Date.now() + 3_600_000) }),
    ListTokens: () => ({
      tokens: [
        { id: "t-1", name: "berlin", usesLeft: 3, nodesEnrolled: 2 },
        { id: "t-2", name: "any", unlimited: true, revoked: true },
      ],
    }),
    RevokeToken: () => ({}),
  };

  it("go to standard output and nowhere else", async () => {
    const server = await serve({ answers });
    const file = await work().write("release.pub", `${key}\n`);
    const { code, stdout, stderr } = await treeline(
      server,
      "token",
      "create",
      "--ttl",
      "2h",
      "--uses",
      "20",
      "--label",
      "site=berlin",
      "--label",
      "rack=7",
      "--release-key",
      file,
      "--name",
      "n",
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: "tlt1_the-token\n" });
    expect(stderr).toMatch(/^token t-1 \(n\) lets 20 nodes enroll; it expires in 59m\n$/);
    expect(server.requests[0]?.request).toEqual({
      name: "n",
      ttlSeconds: 7200,
      uses: 20,
      labels: { site: "berlin", rack: "7" },
      releaseKeys: [key],
    });
  });

  it("go to a file for its owner alone, with a warning when they name no release key", async () => {
    const { stdout, stderr } = await treeline(await serve({ answers }), "token", "create", "--out", "token");
    expect(stdout).toBe("");
    expect(stderr).toContain("warning: it names no release key");
    expect(stderr).not.toContain("tlt1_");
    const file = join(work().directory, "token");
    expect(await readFile(file, "utf8")).toBe("tlt1_the-token\n");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("that cannot be written can be revoked", async () => {
    const { code, stderr } = await treeline(await serve({ answers }), "token", "create", "--release-key", key, "--out", "no/such/token");
    expect(code).toBe(1);
    expect(stderr).toContain("hint: revoke it with `treeline token revoke t-1`");
  });

  it("refuse a release key that is none, before anything is made", async () => {
    const server = await serve({ answers });
    const { code, stderr } = await treeline(server, "token", "create", "--release-key", await work().write("bad.pub", "bm8ga2V5"));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: public key: has 6 bytes, not 32/);
    expect(server.requests).toEqual([]);
  });

  it("are listed and revoked", async () => {
    const server = await serve({ answers });
    expect((await treeline(server, "token", "list")).stdout).toMatch(/t-1 +berlin +- +3 +2[^]*t-2 +any +revoked +any +0/);
    expect(JSON.parse((await treeline(server, "token", "list", "-o", "json")).stdout)).toMatchObject([
      { usesLeft: 3 },
      { usesLeft: null, revoked: true },
    ]);
    expect((await treeline(server, "token", "revoke", "t-1")).code).toBe(0);
    expect(server.requests.at(-1)).toEqual({ method: "RevokeToken", request: { tokenId: "t-1" } });
  });
});

describe("releases", () => {
  it("are listed, shown and mirrored", async () => {
    const server = await serve({
      answers: { ListReleases: () => ({ releases: [release] }), GetRelease: () => ({ release }), MirrorRelease: () => ({ release }) },
    });
    expect((await treeline(server, "release", "list")).stdout).toMatch(
      /^VERSION +COMMIT[^]*42\.1 +ababababab +os\/stable +3 +4\.2 MiB +no +3h\n$/,
    );
    expect(JSON.parse((await treeline(server, "release", "list", "-o", "json")).stdout)).toMatchObject([
      { version: "42.1", bytes: 4404019, signedBy: ["KEY"] },
    ]);
    const shown = (await treeline(server, "release", "show", "42.1")).stdout;
    expect(shown).toContain(checksum);
    expect(shown).toMatch(/^Managed: +no: built without agent; no rollout gives it to a node$/m);
    expect(
      (
        await treeline(
          server,
          "release",
          "mirror",
          "--url",
          "https://example.org/repo",
          "--ref",
          "os/stable",
          "--commit",
          checksum,
          "--version",
          "42.1",
          "--unmanaged",
        )
      ).code,
    ).toBe(0);
    expect(server.requests.at(-1)?.request).toEqual({
      url: "https://example.org/repo",
      ref: "os/stable",
      checksum,
      version: "42.1",
      unmanaged: true,
    });
  });
});

describe("rollouts", () => {
  const created: Answers = {
    CreateRollout: ({ name, hold }: wire.CreateRolloutRequest__Output) => ({
      rollout: wireRollout({ name, state: hold ? "ROLLOUT_STATE_HELD" : "ROLLOUT_STATE_RUNNING" }),
    }),
  };

  it("are created from options", async () => {
    const server = await serve({ answers: created });
    const options = [
      "--release",
      "42.1",
      "--selector",
      "site=berlin",
      "--waves",
      "1,50%,rest",
      "--max-unavailable",
      "10%",
      "--soak",
      "30s",
      "--retries",
      "0",
      "--hold",
    ];
    const { code, stdout, stderr } = await treeline(server, "rollout", "create", "spring", ...options);
    expect(stderr).toBe("rollout spring is held; start it with `treeline rollout start spring`\n");
    expect(stdout).toMatch(/spring +held +42\.1 \(ababababab\) +1 of 3/);
    expect(code).toBe(0);
    expect(server.requests[0]?.request).toEqual({
      name: "spring",
      hold: true,
      policy: expect.objectContaining({
        release: "42.1",
        selector: "site=berlin",
        waves: [expect.objectContaining({ count: 1 }), expect.objectContaining({ percent: 50 }), expect.objectContaining({ rest: true })],
        maxUnavailable: "10%",
        nodeSoakMillis: 30_000,
        retries: 0,
      }),
    });
  });

  it("get a name of their release, and a canary first", async () => {
    const server = await serve({ answers: created });
    const { stdout } = await treeline(server, "rollout", "create", "--release", "42.1", "--selector", "*", "-o", "json");
    expect(JSON.parse(stdout)).toMatchObject({
      name: expect.stringMatching(/^42\.1-[0-9a-f]{4}$/),
      state: "running",
      policy: { waves: [{ count: 1 }, { percent: 50 }, { rest: true }] },
    });
    expect(server.requests[0]?.request).toMatchObject({ hold: false, policy: { waves: [{ count: 1 }, { rest: true }] } });
  });

  it("are applied from a file or standard input: all documents are read before one is sent", async () => {
    const server = await serve({ answers: created });
    const document = (name: string): string =>
      `apiVersion: treeline/v1\nkind: Rollout\nmetadata: {name: ${name}}\nspec: {release: "42.1", selector: "*", waves: [{rest: true}]}\n`;
    const env = { TREELINE_CREDENTIAL: await work().write("credential.yaml", server.credential) };
    const wrong = await work().treeline(["apply", "-f", "-"], {
      env,
      stdin: `${document("a")}---\n${document("b").replace("waves", "wavs")}`,
    });
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/^error: - is not valid\n[^]* {2}-:9:\d+ spec\.wavs: is not a field here/);
    expect(server.requests).toEqual([]);
    const right = await work().treeline(["apply", "-f", "-", "-o", "json"], { env, stdin: `${document("a")}---\n${document("b")}` });
    expect(JSON.parse(right.stdout)).toMatchObject([
      { kind: "Rollout", name: "a" },
      { kind: "Rollout", name: "b" },
    ]);
    expect(
      (await work().treeline(["rollout", "create", "-f", await work().write("r.yaml", document("c")), "--hold"], { env })).stdout,
    ).toContain("held");
  });

  it("are listed, shown, started, paused, resumed and aborted", async () => {
    const rollout = (): unknown => ({ rollout: wireRollout() });
    const rollouts = (): unknown => ({ rollouts: [wireRollout()] });
    // One node a page.
    const nodes = ({ pageToken }: wire.ListRolloutNodesRequest__Output): unknown =>
      pageToken === "" ? { nodes: wireRollout().nodes.slice(0, 1), nextPageToken: "2" } : { nodes: wireRollout().nodes.slice(1) };
    const server = await serve({
      answers: {
        ListRollouts: rollouts,
        GetRollout: rollout,
        ListRolloutNodes: nodes,
        StartRollout: rollout,
        PauseRollout: rollout,
        ResumeRollout: rollout,
        AbortRollout: rollout,
      },
    });
    expect((await treeline(server, "rollout", "list")).stdout).toMatch(/^NAME +STATE[^]*spring +running/);
    expect((await treeline(server, "rollout", "show", "spring")).stdout).toMatch(
      /Waves: +1,50%,rest\n[^]*Node soak: +30s\n[^]*web-1 +Staging[^]*4\.2 MiB[^]*web-2 +Idle/,
    );
    for (const verb of ["start", "resume"]) expect((await treeline(server, "rollout", verb, "spring")).code).toBe(0);
    expect((await treeline(server, "rollout", "pause", "spring", "--reason", "lunch")).code).toBe(0);
    expect(server.requests.at(-1)).toEqual({ method: "PauseRollout", request: { name: "spring", reason: "lunch" } });
    expect((await treeline(server, "rollout", "abort", "spring", "--reason", "bad kernel")).code).toBe(0);
    expect(server.requests.at(-1)).toEqual({ method: "AbortRollout", request: { name: "spring", reason: "bad kernel" } });
  });
});
