import { truncate } from "node:fs/promises";
import path from "node:path";
import type { Machine } from "@treeline/testkit";
import { journalOf } from "../play/journal.ts";
import { until } from "../play/waiting.ts";
import type { Fault } from "./fault.ts";

const lockFile = "/run/treeline/update-lock";

async function shell(machine: Machine, script: string): Promise<void> {
  const { code, stderr } = await machine.exec(["/bin/bash", "-ec", script]);
  if (code !== 0) throw new Error(`\`${script}\` ended with status ${code}: ${stderr}`);
}

export const ownerFaults = {
  /** The owner's update lock, until the agent says that it waits for it. */
  "update lock": {
    inject: async ({ machine }) => shell(machine, `mkdir -p ${path.dirname(lockFile)}; touch ${lockFile}`),
    felt: async ({ machine }) => until("the agent waits for the lock", async () => /held by/.test((await journalOf(machine))?.open?.note ?? "")),
    remove: async ({ machine }) => shell(machine, `rm ${lockFile}`),
  },
  "guard's order damaged": {
    inject: async ({ machine }) => truncate(path.join(machine.varDirectory, "lib/treeline/guard/armed"), 20),
  },
} as const satisfies Readonly<Record<string, Fault>>;
