import { pause } from "../play/waiting.ts";
import type { Fault } from "./fault.ts";

/** Long enough for an agent to notice, and to try in vain. */
const awayMillis = 1500;

/** SIGKILL of the server, which stays away for a moment. */
export const serverKill: Fault = {
  inject: async ({ world }) => world.fleet.server.kill(),
  felt: () => pause(awayMillis),
  remove: async ({ world }) => world.fleet.server.start(),
};
