import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError, loadConfiguration } from "@treeline/process";
import { expect, it } from "vitest";
import { agentConfigurationSchema, parseDuration } from "./configuration.ts";
import { temporaryDirectory } from "./test-fleet.ts";

async function load(text: string, environment: Record<string, string> = {}) {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "agent.yaml");
  await writeFile(path, text);
  return (await loadConfiguration({ name: "treeline-agent", schema: agentConfigurationSchema, file: { path, mustExist: true }, environment, flags: {} })).value;
}

it("needs no setting at all", async () => {
  expect(await load("")).toEqual({
    stateDirectory: "/var/lib/treeline",
    tokenFile: "/etc/treeline/token",
    checks: { directories: ["/usr/lib/treeline/check", "/etc/treeline/check", "/usr/lib/greenboot/check", "/etc/greenboot/check"], timeout: 60_000, again: 30_000, failedUnits: { severity: "wanted", ignore: [] }, probes: [] },
    hooks: { directories: ["/usr/lib/treeline/hooks", "/etc/treeline/hooks"], timeout: 300_000 },
    hold: { lockFile: "/run/treeline/update-lock", inhibitors: true, maximum: 1_800_000 },
    guard: { program: "/usr/lib/treeline/boot-guard", required: true },
    deploy: { panicSeconds: 30 },
    session: { deadline: 600_000, backoff: { base: 500, max: 30_000 } },
    reboot: { again: 120_000 },
    download: { stall: 300_000 },
    logLevel: "info",
  });
});

it("has every setting in the README, and its default where there is one", async () => {
  const [, yaml = ""] = /```yaml\n([^]*?)```/.exec(await readFile(new URL("../README.md", import.meta.url), "utf8")) ?? [];
  const written = await load(yaml);
  const keysOf = (value: object): readonly string[] => Object.entries(value).flatMap(([key, inner]) => [key, ...(typeof inner === "object" && !Array.isArray(inner) ? keysOf(inner as object) : [])]);
  expect(keysOf(written).filter((key) => !new RegExp(`\\b${key}:`).test(yaml))).toEqual([]);
  const { checks, ...defaults } = await load("");
  expect(written).toMatchObject({ ...defaults, checks: { ...checks, probes: [{ name: "web" }] } });
});

it("takes what the file says, and the environment over it", async () => {
  const text = "session: { deadline: 30s, backoff: { max: 1m } }\ndownload: { rate: 1000000 }\nosname: fleetos\n";
  expect(await load(text, { TREELINE_SESSION_DEADLINE: "45s", TREELINE_STATE_DIRECTORY: "/var/lib/other" })).toMatchObject({
    stateDirectory: "/var/lib/other",
    osname: "fleetos",
    session: { deadline: 45_000, backoff: { base: 500, max: 60_000 } },
    download: { rate: 1_000_000 },
  });
});

it.each([
  ["session: { deadline: 30 }", /session\.deadline: is not a duration: write a number and ms, s, m or h, such as "30s", up to a week$/],
  ["session: { deadline: soon }", /session\.deadline: is not a duration: write a number and ms, s, m or h, such as "30s", up to a week$/],
  ["session: { backoff: { base: 10m } }", /session\.backoff\.base: is longer than session\.backoff\.max: shorten it, or/],
  ["session: 3", /session: .*expected object.*: give a value of type object/],
  ["checks: { directories: [3] }", /checks\.directories\.0: is not an absolute path: begin it with \/$/],
  ["checks: { probes: [{ kind: tcp, name: a, port: 1 }, { kind: tcp, name: b, port: 1 }, { kind: tcp, name: a, port: 2 }] }", /checks\.probes\.2\.name: is the name of probe 0 already: give each/],
  ["checks: { probes: [{ kind: http, name: a, url: nope }] }", /checks\.probes\.0\.url: is not an address that can be asked: write http:\/\/HOST:PORT\/PATH or/],
  ["checks: { probes: [{ kind: tcp, name: '', port: 1 }] }", /checks\.probes\.0\.name: is not a name for a probe: give a text of letters/],
  ["checks: { probes: [{ kind: exec, name: a, command: [] }] }", /checks\.probes\.0\.command: .*: give at least 1 entries$/],
  ["checks: { probes: [{ kind: udp, name: a }] }", /checks\.probes\.0\.kind: is not a probe that the agent knows: give exec, http or tcp/],
  ["reboot: { again: 0s }", /reboot\.again/],
  ["stateDirectory: var/lib", /stateDirectory: is not an absolute path: begin it with \/$/],
  ["sesion: {}", /did you mean "session"/],
  ["token: tlt1_x", /unknown key/],
  ["osname: ../x", /osname: is not an osname: give a name as `ostree admin status` shows it/],
  ["download: { rate: 10 }", /download\.rate/],
])("refuses %s with the field and what to do", async (text, message) => {
  const error = await load(text).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ConfigurationError);
  expect((error as Error).message).toMatch(message);
});

it("knows durations", () => {
  expect(["250ms", "30s", "10m", "2h", "168h"].map(parseDuration)).toEqual([250, 30_000, 600_000, 7_200_000, 604_800_000]);
  expect(["", "30", "s", "-1s", "1.5s", "1d", "0s", "169h", " 1s"].map(parseDuration).every((millis) => millis === undefined)).toBe(true);
});
