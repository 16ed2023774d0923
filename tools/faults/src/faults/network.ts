import { pause, until } from "../play/waiting.ts";
import type { Fault } from "./fault.ts";

const faultMillis = 1500;
const felt = (): Promise<void> => pause(faultMillis);

/** The machine's cable is out. */
export const networkCut: Fault = {
  inject: async ({ machine }) => machine.cutNetwork(),
  felt,
  remove: async ({ machine }) => machine.restoreNetwork(),
};

/** Connections are accepted, and what is sent is never heard of again. */
export const blackHole: Fault = {
  inject: async ({ world }) => world.gates({ kind: "swallow" }),
  felt,
  remove: async ({ world }) => world.gates({ kind: "open" }, "afresh"),
};

/** All connections are reset, and new ones for a while, too. */
export const sessionReset: Fault = {
  inject: async ({ world }) => world.gates({ kind: "reset" }),
  felt,
  remove: async ({ world }) => world.gates({ kind: "open" }),
};

/** A line of 20 kB/s. */
export const slowNetwork: Fault = {
  inject: async ({ world }) => world.gates({ kind: "slow", bytesPerSecond: 20_000 }),
  felt,
  remove: async ({ world }) => world.gates({ kind: "open" }),
};

/** Each connection for content is reset in the middle of an object, three times; then it lasts. */
export const contentReset: Fault = {
  inject: async ({ world }) => world.content.set({ kind: "reset-after", bytes: 60_000 }, true),
  felt: ({ world }) => until("content is cut off three times", async () => world.content.cuts >= 3),
  async remove({ world }) {
    world.content.cuts = 0;
    world.content.set({ kind: "open" }, false);
  },
};
