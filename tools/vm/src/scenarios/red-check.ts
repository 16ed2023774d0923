import type { Scenario } from "../scenario.ts";
import { playBadRelease } from "./bad-release.ts";

const complaint = "the app does not answer on port 8080";

export const redCheck: Scenario = {
  name: "red-check",
  promise: "a release whose required check fails is left again with the old /etc, and the rollout halts",
  play: async (scene) => {
    const check = { content: `#!/bin/sh\necho "${complaint}" >&2\nexit 1\n`, mode: 0o755 };
    await playBadRelease(scene, { name: "red-check", files: { "usr/lib/greenboot/check/required.d/10-app.sh": check }, because: new RegExp(complaint), boots: 1 });
  },
};
