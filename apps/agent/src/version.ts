import manifest from "../package.json" with { type: "json" };

/** The version of this agent, as it says Hello. */
export const agentVersion: string = manifest.version;
