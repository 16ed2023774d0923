import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type ConfigurationError, type ConfigurationProblem } from "./configuration-error.ts";
import { type Configuration, type ConfigurationSources, loadConfiguration } from "./configuration.ts";
import { settingsOf } from "./setting.ts";
import { temporaryDirectory } from "./test-directory.ts";

const schema = z.strictObject({
  server: z.string(),
  listen: z.strictObject({ front: z.string().default("0.0.0.0:7440"), maxStreams: z.int().min(1).max(1000).default(100) }).prefault({}),
  log: z.strictObject({ level: z.enum(["debug", "info"]).default("info") }).prefault({}),
  labels: z.record(z.string(), z.string()).default({}),
  peers: z.array(z.string()).default([]),
  dryRun: z.boolean().default(false),
  hooks: z.array(z.strictObject({ path: z.string() })).default([]),
});
type Value = z.output<typeof schema>;

interface Given {
  readonly yaml?: string | Uint8Array;
  readonly environment?: Record<string, string>;
  readonly flags?: ConfigurationSources<typeof schema>["flags"];
}

async function load({ yaml, environment = {}, flags = {} }: Given): Promise<Configuration<Value> & { readonly file: string }> {
  await using temporary = await temporaryDirectory();
  const file = path.join(temporary.dir, "agent.yaml");
  if (yaml !== undefined) await writeFile(file, yaml);
  return {
    ...(await loadConfiguration({ schema, file: { path: file, mustExist: false }, environment, flags, name: "treeline-agent" })),
    file,
  };
}

async function problems(given: Given): Promise<readonly ConfigurationProblem[]> {
  return (await refusal(given)).problems;
}

async function refusal(given: Given): Promise<ConfigurationError> {
  const error: unknown = await load(given).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: "ConfigurationError", subject: "treeline-agent" });
  return error as ConfigurationError;
}

describe("the order of sources", () => {
  const yaml = "server: from-file\nlisten:\n  front: file:1\n";
  const environment = { TREELINE_SERVER: "from-environment", TREELINE_LISTEN_FRONT: "environment:1" };

  it("is default, file, environment, flag", async () => {
    expect((await load({ yaml: "server: s" })).value.listen.front).toBe("0.0.0.0:7440");
    expect((await load({ yaml })).value.listen.front).toBe("file:1");
    expect((await load({ yaml, environment })).value.listen.front).toBe("environment:1");
    expect((await load({ yaml, environment, flags: { "listen-front": "flag:1" } })).value.listen.front).toBe("flag:1");
  });

  it("is told for each setting", async () => {
    const { origins, file } = await load({
      yaml: `${yaml}  maxStreams: 5\n`,
      environment: { TREELINE_SERVER: "e" },
      flags: { "listen-front": "flag:1" },
    });
    expect(origins.get("server")).toEqual({ kind: "environment", variable: "TREELINE_SERVER" });
    expect(origins.get("listen.front")).toEqual({ kind: "flag", flag: "listen-front" });
    expect(origins.get("listen.maxStreams")).toEqual({ kind: "file", file, line: 4, column: 3 });
    expect(origins.get("log.level")).toBeUndefined();
  });

  it("works without a file, with an empty one and with an empty section", async () => {
    for (const empty of [undefined, "", "# nothing\n", "---\n", "listen:\n"]) {
      const given = {
        ...(empty === undefined ? {} : { yaml: empty }),
        environment: { TREELINE_SERVER: "s", TREELINE_LISTEN_FRONT: "e:1" },
      };
      expect((await load(given)).value).toMatchObject({ server: "s", listen: { front: "e:1", maxStreams: 100 } });
    }
  });

  it("takes an empty variable and an undefined flag for unset", async () => {
    expect((await load({ yaml, environment: { TREELINE_SERVER: "" }, flags: { server: undefined } })).value.server).toBe("from-file");
  });
});

describe("text from the environment and from flags", () => {
  it("becomes a value of the setting's type", async () => {
    const environment = {
      TREELINE_SERVER: "7",
      TREELINE_LISTEN_MAX_STREAMS: "12",
      TREELINE_DRY_RUN: "true",
      TREELINE_PEERS: "a:1, b:2,",
      TREELINE_LABELS: "{zone: z1, rack: '7'}",
      TREELINE_HOOKS: "[{path: /a}]",
    };
    expect((await load({ environment })).value).toMatchObject({
      server: "7",
      listen: { maxStreams: 12 },
      dryRun: true,
      peers: ["a:1", "b:2"],
      labels: { zone: "z1", rack: "7" },
      hooks: [{ path: "/a" }],
    });
    expect((await load({ flags: { server: "s", "dry-run": true, peers: ["x"], "listen-max-streams": 3 } })).value).toMatchObject({
      dryRun: true,
      peers: ["x"],
      listen: { maxStreams: 3 },
    });
  });

  it.each([
    [{ TREELINE_LISTEN_MAX_STREAMS: "many" }, "listen.maxStreams"],
    [{ TREELINE_LISTEN_MAX_STREAMS: "0x10" }, "listen.maxStreams"],
    [{ TREELINE_LISTEN_MAX_STREAMS: "1001" }, "listen.maxStreams"],
    [{ TREELINE_DRY_RUN: "yes" }, "dryRun"],
    [{ TREELINE_LOG_LEVEL: "loud" }, "log.level"],
    [{ TREELINE_LABELS: "{a: !!js/function x}" }, "labels"],
    [{ TREELINE_LABELS: "[" }, "labels"],
    [{ TREELINE_LABELS: "{a: &a x, b: *a}" }, "labels"],
  ])("is refused with its variable named: %j", async (environment, field) => {
    const [problem] = await problems({ environment: { TREELINE_SERVER: "s", ...environment } });
    expect(problem).toMatchObject({ path: field, origin: { kind: "environment", variable: Object.keys(environment)[0] } });
    expect(problem?.remedy).not.toBe("");
  });

  it("is refused with the flag named", async () => {
    expect(await problems({ flags: { server: "s", "log-level": "loud" } })).toEqual([
      {
        path: "log.level",
        origin: { kind: "flag", flag: "log-level" },
        reason: expect.any(String) as string,
        remedy: "give one of debug, info",
      },
    ]);
  });

  it("that is no setting: a warning for a variable, a mistake of the program for a flag", async () => {
    const { warnings } = await load({
      environment: { TREELINE_SERVER: "s", TREELINE_LISTEN_FRONTS: "x", TREELINE_ZZZZZZZZZZZZZZ: "x", OTHER: "x" },
    });
    expect(warnings.map(({ origin, remedy }) => [origin, remedy])).toEqual([
      [{ kind: "environment", variable: "TREELINE_LISTEN_FRONTS" }, "did you mean TREELINE_LISTEN_FRONT?"],
      [{ kind: "environment", variable: "TREELINE_ZZZZZZZZZZZZZZ" }, "unset it if it is not meant for another program"],
    ]);
    await expect(load({ flags: { server: "s", unknown: "x" } })).rejects.toThrow("the flag --unknown is no setting");
  });
});

describe("a mistake in the file", () => {
  it("is told with line and column, all mistakes at once", async () => {
    const error = await refusal({
      yaml: "serverr: a\nlisten:\n  frnot: b\n  maxStreams: 0\nlog: {level: loud}\nhooks:\n  - path: /a\n  - pth: /b\n",
    });
    const told = error.problems.map(({ path: field, origin, reason, remedy }) => ({
      field,
      at: origin.kind === "file" ? [origin.line, origin.column] : origin.kind,
      reason,
      remedy,
    }));
    expect(told).toContainEqual({ field: "serverr", at: [1, 1], reason: "unknown key", remedy: 'did you mean "server"?' });
    expect(told).toContainEqual({
      field: "server",
      at: [undefined, undefined],
      reason: "is missing",
      remedy: "set it in the file, as TREELINE_SERVER or as --server",
    });
    expect(told).toContainEqual({ field: "listen.frnot", at: [3, 3], reason: "unknown key", remedy: 'did you mean "front"?' });
    expect(told).toContainEqual({
      field: "listen.maxStreams",
      at: [4, 3],
      reason: expect.stringContaining(">=1") as string,
      remedy: "give at least 1",
    });
    expect(told).toContainEqual({
      field: "log.level",
      at: [5, 7],
      reason: expect.any(String) as string,
      remedy: "give one of debug, info",
    });
    expect(told).toContainEqual({ field: "hooks.1.pth", at: [8, 5], reason: "unknown key", remedy: 'did you mean "path"?' });
    expect(told).toContainEqual({ field: "hooks.1.path", at: [8, 5], reason: "is missing", remedy: "set it in the file" });
    expect(told).toHaveLength(7);
    const lines = error.render().split("\n");
    expect(lines[0]).toBe("treeline-agent: the configuration has 7 errors");
    expect(lines).toHaveLength(8);
    expect(lines.find((text) => text.includes("frnot"))).toMatch(
      /^ {2}.*agent\.yaml:3:3: listen\.frnot: unknown key: did you mean "front"\?$/,
    );
  });

  it("lists the known keys when none is near", async () => {
    expect((await problems({ yaml: "server: s\nlisten: {zzz: 1}\n" }))[0]?.remedy).toBe("remove it; known here: front, maxStreams");
  });

  it.each([
    ["a value in place of a section", "server: s\nlisten: 5\n", [2, 1], "invalid"],
    ["a key twice", "server: a\nserver: b\n", [2, 1], "twice"],
    ["a nested key twice", "server: a\nlisten:\n  front: a\n  front: b\n", [4, 3], "twice"],
    ["a custom tag", "server: !secret x\n", [1, 9], "tags"],
    ["a known tag of another schema", "server: !!binary aGVsbG8=\n", [1, 9], "tags"],
    ["two documents", "server: a\n---\nserver: b\n", [2, 1], "more than one document"],
    ["broken YAML", "server: [a\n", undefined, "not YAML"],
    ["a list at the top", "- server\n", [1, 1], "not a mapping"],
    ["another YAML version", "%YAML 1.1\n---\nserver: yes\n", [1, 1], "%YAML"],
    ["a merge key", "server: a\nlog: &l {level: info}\nlisten:\n  <<: *l\n", [4, 3], "unknown key"],
    ["a prototype", "server: a\n__proto__: {dryRun: true}\n", [2, 1], "unknown key"],
    ["a key that is no text", "server: a\n? [x]\n: 1\n", undefined, "not YAML"],
  ])("is refused: %s", async (_title, yaml, position, reason) => {
    const [problem, ...others] = await problems({ yaml });
    expect(others).toEqual([]);
    expect(problem?.reason.toLowerCase()).toContain(reason.toLowerCase());
    expect(problem?.origin.kind).toBe("file");
    if (position !== undefined && problem?.origin.kind === "file") expect([problem.origin.line, problem.origin.column]).toEqual(position);
  });

  it("cannot blow up memory by aliases", async () => {
    const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array.from({ length: 9 }, () => `*l${n}`).join(", ")}]`);
    expect((await problems({ yaml: ["l0: &l0 x", ...levels].join("\n") }))[0]?.reason).toContain("aliases");
    const peers = (count: number): string => `server: &s x\npeers: [${Array.from({ length: count }, () => "*s").join(", ")}]\n`;
    expect((await load({ yaml: peers(3) })).value.peers).toEqual(["x", "x", "x"]);
    expect((await problems({ yaml: peers(30) }))[0]?.reason).toContain("aliases");
  });

  it("is told for a file that is too large, not text, missing or not readable", async () => {
    expect((await problems({ yaml: `server: s\n#${"x".repeat(1_048_576)}` }))[0]?.reason).toContain("larger than 1048576 bytes");
    expect((await problems({ yaml: new Uint8Array([0x73, 0xff, 0xfe]) }))[0]?.reason).toContain("UTF-8");
    await using temporary = await temporaryDirectory();
    const dir = path.join(temporary.dir, "dir");
    await mkdir(dir);
    const at = (file: string) =>
      loadConfiguration({ schema, file: { path: file, mustExist: true }, environment: {}, flags: {}, name: "treeline-agent" });
    await expect(at(dir)).rejects.toMatchObject({
      problems: [{ origin: { file: dir }, reason: "is a directory", remedy: "name a plain file" }],
    });
    const pipe = path.join(dir, "pipe");
    execFileSync("mkfifo", [pipe]);
    await expect(at(pipe)).rejects.toMatchObject({ problems: [{ origin: { file: pipe }, reason: "is a pipe or a device" }] });
    await writeFile(path.join(dir, "file"), "");
    await expect(at(path.join(dir, "file/below"))).rejects.toMatchObject({
      problems: [{ reason: "lies below something that is not a directory" }],
    });
    await expect(at(path.join(dir, "missing"))).rejects.toMatchObject({ problems: [{ reason: "there is no such file" }] });
  });

  it("never shows the value", async () => {
    const hidden = "do-not-print-this";
    const given: readonly Given[] = [
      { yaml: `server: [${hidden}]\n` },
      { yaml: `server: ${hidden}: ${hidden}\n` },
      { yaml: `server: "${hidden}\n` },
      { yaml: `server: !${hidden} x\n` },
      { yaml: `server: *${hidden}\n` },
      { yaml: `server: a\n}${hidden}\n` },
      { yaml: `server: |${hidden}\n` },
      { yaml: `server: "\\q${hidden}"\n` },
      { yaml: `server: a\n... ${hidden}\n` },
      { yaml: `server: s\nlog: {level: ${hidden}}\n` },
      { environment: { TREELINE_LOG_LEVEL: hidden } },
    ];
    for (const one of given) expect((await refusal(one)).render()).not.toContain(hidden);
  });
});

describe("settingsOf", () => {
  it("names each setting in each source", () => {
    expect(settingsOf(schema).map(({ path: keys, variable, flag, kind }) => [keys.join("."), variable, flag, kind])).toEqual([
      ["server", "TREELINE_SERVER", "server", "string"],
      ["listen.front", "TREELINE_LISTEN_FRONT", "listen-front", "string"],
      ["listen.maxStreams", "TREELINE_LISTEN_MAX_STREAMS", "listen-max-streams", "number"],
      ["log.level", "TREELINE_LOG_LEVEL", "log-level", "string"],
      ["labels", "TREELINE_LABELS", "labels", "document"],
      ["peers", "TREELINE_PEERS", "peers", "list"],
      ["dryRun", "TREELINE_DRY_RUN", "dry-run", "boolean"],
      ["hooks", "TREELINE_HOOKS", "hooks", "document"],
    ]);
  });

  it("refuses a schema that would let mistyped keys pass, and two settings with one name", () => {
    expect(() => settingsOf(z.object({ a: z.string() }))).toThrow("strictObject");
    expect(() => settingsOf(z.strictObject({ a: z.object({ b: z.string() }).optional() }))).toThrow('at "a"');
    expect(() => settingsOf(z.string())).toThrow("strictObject");
    expect(() => settingsOf(z.strictObject({ maxAge: z.string(), max: z.strictObject({ age: z.string() }) }))).toThrow("TREELINE_MAX_AGE");
  });
});
