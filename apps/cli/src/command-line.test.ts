import { execFileSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { status } from "@grpc/grpc-js";
import { RpcError } from "@treeline/rpc";
import { describe, expect, it } from "vitest";
import { run } from "./main.ts";
import type { Shell } from "./shell.ts";
import { useTestBench } from "./test-bench.ts";
import { createIdentity, credentialText, operatorToken } from "./test-server.ts";

/** The real launcher in a process of its own, against a listener with the real protocol over TLS: usage, login, failures. */

const { serve, stopServer, treeline, work } = useTestBench();

describe("usage", () => {
  it("prints help with examples for every command", async () => {
    const { code, stdout } = await work().treeline(["rollout", "create", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Examples:\n  $ treeline rollout create --release 42.1");
    expect(stdout).toContain("Common options:");
  });

  it.each<[readonly string[], RegExp]>([
    [["nod", "list"], /unknown command 'nod'[^]*node/],
    [["node"], /Usage: treeline node/],
    [["node", "list", "--colour"], /unknown option '--colour'/],
    [["node", "list", "-o", "xml"], /Allowed choices are table, json, yaml/],
    [["node", "show"], /missing required argument 'node'/],
    [["node", "list", "extra"], /too many arguments/],
    [["rollout", "create", "--selector", "", "--release", "1"], /The selector is empty/],
    [["rollout", "create", "--release", "1"], /^error: no selector is given\nhint: give --selector/],
    [["rollout", "create", "--selector", "*"], /^error: no release is named/],
    [["rollout", "create", "--selector", "*", "--release", "1", "--waves", "1,x"], /Wave 2 is not right: "x"/],
    [["rollout", "create", "--selector", "*", "--release", "1", "--max-unavailable", "0"], /^ {2}spec\.maxUnavailable: is 0/m],
    [["rollout", "create", "-f", "f.yaml", "--release", "1"], /come from f\.yaml/],
    [["apply", "-f", "missing.yaml"], /cannot read missing\.yaml: there is no such file/],
    [["node", "list", "--timeout", "0"], /more than 0/],
    [["node", "list"], /^error: no server is chosen\nhint: log in with `treeline login/],
    [["node", "list", "--context", "oslo"], /^error: there is no context oslo/],
    [["login"], /^error: no credential is given/],
    [["token", "revoke", "tlt1_secret"], /this is a token, not a token's id/],
    [["release", "sign", "--repo", ".", "--key", "k"], /give either --ref or --commit/],
    [["release", "mirror", "--ref", "r", "--url", "https://ann:secret@example.org/"], /password/],
  ])("exits with 2 for %j", async (args, message) => {
    const said = { stdout: "", stderr: "" };
    const shell: Shell = {
      env: {},
      home: work().directory,
      stdin: Readable.from([]),
      out: { write: (text) => void (said.stdout += text) },
      err: { write: (text) => void (said.stderr += text) },
      now: Date.now,
    };
    const code = await run(shell, args);
    expect(said.stderr).toMatch(message);
    expect({ code, stdout: said.stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("says what is wrong on standard error and nothing on standard output", async () => {
    const { code, stdout, stderr } = await work().treeline(["node", "lst"]);
    expect(stderr).toBe("error: unknown command 'lst'\n(Did you mean list?)\n");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("starts itself again with the checkout's Node when it is run by an older one", async () => {
    const older = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => {
      try {
        return Number(/^v(\d+)/.exec(execFileSync(path, ["--version"], { encoding: "utf8" }))?.[1]) < 24;
      } catch {
        return false;
      }
    });
    // Most machines have no older Node to try it with.
    if (older === undefined) return;
    const launcher = join(import.meta.dirname, "../bin/treeline.mjs");
    expect(execFileSync(older, [launcher, "--version"], { encoding: "utf8" })).toBe("0.2.0\n");
    expect(() => execFileSync(older, [launcher, "nod"], { stdio: "pipe" })).toThrow(expect.objectContaining({ status: 2 }));
    expect(() => execFileSync(older, [launcher], { env: { ...process.env, TREELINE_LAUNCHED_BY: "v20" }, stdio: "pipe" })).toThrow(
      /treeline needs Node 24/,
    );
  });
});

describe("login", () => {
  it("checks the credential, keeps it for its owner alone and makes it current", async () => {
    const server = await serve({ answers: { ListNodes: () => ({ nodes: [] }) } });
    const file = await work().write("admin.yaml", server.credential);
    const { code, stdout, stderr } = await work().treeline(["login", "--credential", file, "--name", "berlin"]);
    expect(stderr).toMatch(/^logged in to 127\.0\.0\.1:\d+; context berlin is now the current one in .*\/config\.yaml\n$/);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect((await stat(join(work().directory, ".config/treeline/config.yaml"))).mode & 0o777).toBe(0o600);

    // A second server; from standard input.
    await work().treeline(["login", "--credential", "-"], { stdin: server.credential });
    const list = await work().treeline(["context", "list", "-o", "json"]);
    expect(JSON.parse(list.stdout)).toMatchObject([
      { name: "berlin", current: false, endpoint: server.endpoint },
      { name: "admin", current: true },
    ]);
    expect(list.stdout).not.toContain(operatorToken);
    expect((await work().treeline(["context", "use", "berlin"])).code).toBe(0);
    expect((await work().treeline(["context", "list"])).stdout).toMatch(/^CURRENT {2}NAME/);
    expect((await work().treeline(["node", "list"])).code).toBe(0);
  });

  it("keeps nothing that the server refuses, and shows no token", async () => {
    const server = await serve({ answers: { ListNodes: () => ({ nodes: [] }) } });
    const file = await work().write(
      "admin.yaml",
      credentialText({ endpoint: server.endpoint, ca: server.identity.certPem, token: "tlo_wrong-secret" }),
    );
    const { code, stderr } = await work().treeline(["login", "--credential", file]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "error: the operator's token is not known here\nhint: log in with another credential\n",
    });
    await expect(stat(join(work().directory, ".config/treeline/config.yaml"))).rejects.toThrow("ENOENT");
  });

  it("trusts no server but that of the credential's authority", async () => {
    const server = await serve({ answers: { ListNodes: () => ({ nodes: [] }) } });
    const file = await work().write("admin.yaml", credentialText({ endpoint: server.endpoint, ca: createIdentity().certPem }));
    const { code, stderr } = await work().treeline(["login", "--credential", file]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*\nhint: check that treeline-server runs at the credential's endpoint and that the credential's `ca`/);
    expect(server.requests).toEqual([]);
  });
});

describe("failures", () => {
  it("are told with each field and the remedy", async () => {
    const violations = [
      { field: "spec.waves[1].count", description: "is -1; a wave takes at least one node" },
      { field: "spec.release", description: "there is no release 43; see `treeline release list`" },
    ];
    const refuse = (): never => {
      throw new RpcError("the rollout's policy is not valid", {
        status: status.INVALID_ARGUMENT,
        reason: "INVALID",
        violations,
        remedy: "correct the fields named and try again",
      });
    };
    const server = await serve({ answers: { CreateRollout: refuse } });
    const { code, stdout, stderr } = await treeline(server, "rollout", "create", "x", "--release", "43", "--selector", "*");
    expect(stderr).toBe(
      "error: the rollout's policy is not valid\n" +
        "  spec.waves[1].count: is -1; a wave takes at least one node\n" +
        "  spec.release: there is no release 43; see `treeline release list`\n" +
        "hint: correct the fields named and try again\n",
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("cannot steer the terminal", async () => {
    const refuse = (): never => {
      throw new RpcError("no node \u001b[31mred", { status: status.NOT_FOUND, reason: "NOT_FOUND" });
    };
    const { stderr } = await treeline(await serve({ answers: { GetNode: refuse } }), "node", "show", "x");
    expect(stderr).not.toContain("\u001b");
  });

  it("end in time", async () => {
    const server = await serve({ answers: { ListNodes: () => new Promise(() => {}) } });
    const { code, stderr } = await treeline(server, "node", "list", "--timeout", "200ms");
    expect(code).toBe(1);
    expect(stderr).toContain("--timeout");
  });

  it("of a server that is not there are told at once", async () => {
    const server = await serve({});
    await stopServer();
    const { code, stderr } = await treeline(server, "rollout", "watch", "x");
    expect(code).toBe(1);
    expect(stderr).toMatch(/hint: check that treeline-server runs/);
  });
});
