import { appRootInMachine, nodeInMachine } from "@treeline/testkit";
import type { Fault } from "./fault.ts";

/** SIGKILL of the agent; pid 1 starts it again. */
export const killAgent: Fault = {
  inject: async ({ machine }) => machine.killAgent(),
};

/** SIGKILL of the agent, of the one that is started in its place, and of the next. */
export const killAgentThrice: Fault = {
  async inject({ machine }) {
    for (let kills = 0; kills < 3; kills++) {
      const starts = machine.agentStarts;
      await machine.killAgent();
      await machine.waitForAgent(starts + 1);
    }
  },
};

/** A second agent on the same state directory: it must refuse to work, and leave the first alone. */
export const secondAgent: Fault = {
  async inject({ machine, say }) {
    const { code, stdout, stderr } = await machine.exec([nodeInMachine, `${appRootInMachine}/apps/agent/src/main.ts`, "run"], { timeoutMs: 60_000 });
    say(`second agent: status ${code}: ${stderr.trim().slice(-500)}`);
    if (code !== 1 || !/is in use by/.test(stdout + stderr)) throw new Error(`the second agent ended with status ${code}, and did not say that another one runs: ${stdout}${stderr}`);
  },
};
