import { existsSync, readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Scene } from "../play/scene.ts";
import { until } from "../play/waiting.ts";
import type { Fault } from "./fault.ts";

const clockFile = "clock";

/** Debian's libfaketime: the agent, TLS in it included, sees another time of day. The clocks that count from boot stay as they are, and the host's too. */
export function fakeTimeLibrary(): string | undefined {
  return readdirSync("/usr/lib")
    .map((name) => `/usr/lib/${name}/faketime/libfaketime.so.1`)
    .find((file) => existsSync(file));
}

function setClock({ directory }: Scene, offset: string): Promise<void> {
  return writeFile(path.join(directory, clockFile), `${offset}\n`);
}

/** At such a time no certificate of this fleet is valid, and the agent says so. */
function refused({ machine }: Scene): Promise<void> {
  return until("the agent finds certificates invalid", async () => /certificate (has expired|is not yet valid)|CERT_(HAS_EXPIRED|NOT_YET_VALID)/.test(await readFile(machine.consolePath, "utf8")));
}

/** The agent's time of day is wrong by so much; connections begin anew, so that it shows. `throughout`: it is never put right. */
function wrong(offset: string, throughout = false): Fault {
  return {
    machine: {
      environment: {
        LD_PRELOAD: fakeTimeLibrary() ?? "",
        FAKETIME_TIMESTAMP_FILE: `/run/treeline-faults/${clockFile}`,
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
        FAKETIME_NO_CACHE: "1",
      },
    },
    prepare: (scene) => setClock(scene, "+0"),
    async inject(scene) {
      await setClock(scene, offset);
      scene.world.gates({ kind: "open" }, "afresh");
    },
    felt: (scene) => (throughout ? Promise.resolve() : refused(scene)),
    remove: (scene) => (throughout ? Promise.resolve() : setClock(scene, "+0")),
  };
}

export const clockFaults = {
  "clock 20 years back": wrong("-7300d"),
  "clock 20 years ahead": wrong("+7300d"),
  "clock a month ahead for good": wrong("+30d", true),
} as const satisfies Readonly<Record<string, Fault>>;
