/** What the agent's Node always runs with. */
export const nodeFlags: readonly string[] = [];
