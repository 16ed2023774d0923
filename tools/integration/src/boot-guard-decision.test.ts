import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Release } from "@treeline/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type GuardedHost, GuardedHosts, guardProgram, orderLines, stateFile } from "./guarded-host.ts";

/** What the guard decides from its files, on a host that runs a release and still has its base: as a table, against the script. */

interface Situation {
  /** `watched`: the release that runs; `base`: the one before it; `other`: one that is not here. */
  readonly armed?: { readonly target: "watched" | "base" | "other"; readonly earlier: boolean; readonly base: "there" | "other-serial" | "gone" };
  readonly boots?: { readonly of: "watched" | "other"; readonly count: number; readonly thisBoot: boolean };
  readonly proven: boolean;
  readonly returned?: { readonly from: "watched" | "base"; readonly left: boolean; readonly because: "boots" | "deadline" };
  readonly damaged: readonly ("armed" | "boots" | "proven" | "returned")[];
  readonly verb: "start" | "deadline";
}

const sometimes = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 4 });

const situation: fc.Arbitrary<Situation> = fc
  .record({
    armed: sometimes(
      fc.record({
        target: fc.oneof({ arbitrary: fc.constant("watched" as const), weight: 8 }, fc.constantFrom("base" as const, "other" as const)),
        earlier: fc.oneof({ arbitrary: fc.constant(false), weight: 4 }, fc.constant(true)),
        base: fc.constantFrom("there", "there", "other-serial", "gone"),
      }),
    ),
    boots: sometimes(fc.record({ of: fc.constantFrom("watched", "watched", "other"), count: fc.integer({ min: 1, max: 4 }), thisBoot: fc.boolean() })),
    proven: fc.oneof({ arbitrary: fc.constant(false), weight: 4 }, fc.constant(true)),
    returned: fc.option(fc.record({ from: fc.constantFrom("watched", "base"), left: fc.boolean(), because: fc.constantFrom("boots", "deadline") }), { nil: undefined, freq: 2 }),
    damaged: fc.oneof({ arbitrary: fc.constant([]), weight: 4 }, fc.subarray(["armed", "boots", "proven", "returned"] as const)),
    verb: fc.constantFrom("start", "deadline"),
  })
  .map(({ armed, boots, returned, ...rest }) => ({ ...rest, ...(armed && { armed }), ...(boots && { boots }), ...(returned && { returned }) }) as Situation);

/** The same in TypeScript: the table that docs/boot-guard.md tells in words. */
function decision({ verb, damaged, ...files }: Situation): string {
  const armed = damaged.includes("armed") ? undefined : files.armed;
  const boots = damaged.includes("boots") ? undefined : files.boots;
  const returned = damaged.includes("returned") ? undefined : files.returned;
  const proven = files.proven && !damaged.includes("proven");
  if (armed === undefined) return "inert";
  if (returned !== undefined && returned.from !== "watched" && !returned.left) return "left";
  if (armed.target !== "watched" || armed.earlier || proven || returned?.from === "base" || returned?.left === true) return "inert";
  const counted = boots?.of !== "watched" ? 1 : boots.count + (boots.thisBoot ? 0 : 1);
  const because = returned?.because ?? (verb === "deadline" ? "deadline" : counted >= 3 ? "boots" : undefined);
  if (because === undefined) return "count";
  return armed.base === "gone" ? "stay" : `back because=${because}`;
}

let hosts: GuardedHosts;
let base: Release;
let watched: Release;
let host: GuardedHost;

beforeAll(async () => {
  hosts = await GuardedHosts.open();
  base = await hosts.release("1");
  watched = await hosts.release("2");
  host = await hosts.host(base);
  await host.upgrade(base, watched);
});
afterAll(() => hosts.close());

async function writeSituation(directory: string, { armed, boots, proven, returned, damaged }: Situation): Promise<void> {
  const commits = { watched: watched.checksum, base: base.checksum, other: "d".repeat(64) };
  const running = `${watched.checksum}.0`;
  const bases = { there: `${base.checksum}.0`, "other-serial": `${base.checksum}.4`, gone: `${"e".repeat(64)}.0` };
  const files: Readonly<Record<string, readonly string[] | undefined>> = {
    // An order whose target is its base says so in its earlier serials.
    armed: armed && orderLines({ target: commits[armed.target], earlier: armed.earlier ? "0,4" : armed.target === "base" ? "4,0" : "", base: bases[armed.base] }),
    boots: boots && [`deployment=${commits[boots.of]}.0`, `count=${boots.count}`, `boot=${boots.thisBoot ? host.machine.bootId() : "earlier"}`],
    proven: proven ? [`deployment=${commits.other}.0`, `deployment=${running}`] : undefined,
    returned: returned && [`from=${commits[returned.from]}.0`, `to=${commits.other}.0`, "boots=2", `because=${returned.because}`, `left=${returned.left ? "yes" : "no"}`],
  };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const [name, lines] of Object.entries(files)) {
    if (lines === undefined) continue;
    const text = stateFile(lines);
    await writeFile(path.join(directory, name), damaged.some((one) => one === name) ? text.replace("=", "=0") : text);
  }
}

test("the guard decides as the table says, whatever its files say", async () => {
  let batch = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(situation, { minLength: 40, maxLength: 40 }), async (situations) => {
      batch += 1;
      const inside = `/var/lib/situations/${batch}`;
      for (const [index, one] of situations.entries()) await writeSituation(host.machine.pathOutside(`${inside}/${index}`), one);
      const verbs = situations.map(({ verb }, index) => `${guardProgram} --state ${inside}/${index} decide ${verb} || exit`).join("\n");
      const said = (await host.shell(verbs)).trim().split("\n");
      const short = said.map((line) => line.replace(/:.*/, "").replace(` to=${base.checksum}.0`, ""));
      expect(short.map((decided, index) => ({ ...situations[index], decided }))).toEqual(situations.map((one) => ({ ...one, decided: decision(one) })));
    }),
    { numRuns: 6, endOnFailure: true },
  );
});

test("a way back that the boot loader does not follow is not tried again: the host would reboot for ever", async () => {
  const { machine } = host;
  await host.shell(`unshare --mount /usr/bin/python3 /usr/lib/treeline/set-default.py / fleetos ${base.checksum} 0`);
  const armed = orderLines({ target: watched.checksum, earlier: "", base: `${base.checksum}.0` });
  const decided = async (name: string, begunOn: readonly string[], verb: "start" | "deadline"): Promise<string> => {
    const inside = `/var/lib/situations/${name}`;
    const outside = machine.pathOutside(inside);
    await mkdir(outside, { recursive: true, mode: 0o700 });
    await writeFile(path.join(outside, "armed"), stateFile(armed));
    const returned = [`from=${watched.checksum}.0`, `to=${base.checksum}.0`, "boots=3", "because=boots", "left=no", ...begunOn];
    await writeFile(path.join(outside, "returned"), stateFile(returned));
    return (await host.shell(`${guardProgram} --state ${inside} decide ${verb}`)).trim();
  };
  expect(await decided("followed-not", ["boot=another"], "start")).toMatch(/^stay.*the boot loader does not follow/);
  expect(await decided("followed-not-later", ["boot=another"], "deadline")).toMatch(/^stay/);
  // Still the boot on which it was begun: the reboot is yet to come.
  expect(await decided("begun-here", [`boot=${machine.bootId()}`], "deadline")).toMatch(/^back/);
});
