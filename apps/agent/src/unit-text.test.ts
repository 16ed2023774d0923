import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { startedBy } from "./unit-text.ts";

const service = (...lines: readonly string[]): string => ["[Unit]", "ExecStart=/not/here", "[Service]", ...lines, ""].join("\n");

it.each<[string, readonly string[], readonly (string | undefined)[]]>([
  ["a path", ["ExecStart=/bin/x run"], ["/bin/x"]],
  ["nothing", ["Type=notify", "ExecStartPre=/bin/x", "#ExecStart=/bin/x", " ; ExecStart=/bin/x"], []],
  ["blanks around the =", ["  ExecStart \t= \t/bin/x run"], ["/bin/x"]],
  ["prefixes", ["ExecStart=-@:!!/bin/x argv0", "ExecStart=+/bin/y", "ExecStart=|-/bin/z"], ["/bin/x", "/bin/y", "/bin/z"]],
  ["quotes", ['ExecStart="/bin/x y" run', "ExecStart='-/bin/z' run"], ["/bin/x y", "/bin/z"]],
  ["a bare name", ["ExecStart=x run"], ["x"]],
  ["a line that goes on", ["ExecStart=\\", "  # with a comment between", "  /bin/x \\", "  run"], ["/bin/x"]],
  ["a backslash that is text", ["ExecStart=/bin/x \\\\", "Type=notify"], ["/bin/x"]],
  ["what the next line takes back", ["ExecStart=/bin/x", "ExecStart=", "ExecStart=/bin/y"], ["/bin/y"]],
  ["all taken back", ["ExecStart=/bin/x", "ExecStart="], []],
  ["what the text does not tell", ["ExecStart=%h/x", 'ExecStart=/bin/"x"', "ExecStart=/bin/\\x41", "ExecStart=-"], [undefined, undefined, undefined, undefined]],
  ["a program that lies elsewhere", ["ExecStart=x", "ExecSearchPath=/opt/bin"], [undefined]],
  ["carriage returns at the ends", ["ExecStart=/bin/x\r", "Type=notify\r"], ["/bin/x"]],
])("knows what a unit starts: %s", (_, lines, programs) => expect(startedBy([service(...lines)])).toEqual(programs));

it("reads drop-ins after the unit, each with sections of its own", async () => {
  expect(startedBy([service("ExecStart=/bin/x"), "ExecStart=/no/section\n", service("ExecStart=", "ExecStart=/bin/y")])).toEqual(["/bin/y"]);
  for (const [name, program] of [["treeline-agent", "/usr/bin/treeline-agent"], ["treeline-boot-guard", "/usr/lib/treeline/boot-guard"]]) {
    expect(startedBy([await readFile(new URL(`../systemd/${name}.service`, import.meta.url), "utf8")])).toEqual([program]);
  }
});
