import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import type { Machine } from "@treeline/testkit";
import { journalPath } from "../play/journal.ts";
import type { Fault } from "./fault.ts";

/** The agent is stopped, its journal is damaged, and it is started again. */
function damaged(how: (file: string) => Promise<void>): Fault {
  return {
    async inject({ machine }) {
      await stopHard(machine);
      await how(journalPath(machine));
      await machine.startAgent();
    },
  };
}

/** As systemd stops a service: but one that stands at a point of its upgrade is killed at once. */
async function stopHard(machine: Machine): Promise<void> {
  await machine.exec(["/bin/bash", "-c", ": >/run/treeline-machine/stopped"]);
  await machine.killAgent();
}

const truncated = async (file: string): Promise<void> => truncate(file, Math.floor((await readFile(file)).length / 2));
const flipped = async (file: string): Promise<void> => writeFile(file, (await readFile(file, "utf8")).replace(/"highest"/, '"hiqhest"'));
const gone = (file: string): Promise<void> => rm(file);
const emptied = (file: string): Promise<void> => truncate(file, 0);
const newer = async (file: string): Promise<void> => {
  const written = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...written, formatVersion: 99, minReaderVersion: 98 }));
};

export const journalFaults = {
  "journal truncated": damaged(truncated),
  "journal emptied": damaged(emptied),
  "journal bit-flipped": damaged(flipped),
  "journal gone": damaged(gone),
  "journal too new": damaged(newer),
} as const satisfies Readonly<Record<string, Fault>>;
