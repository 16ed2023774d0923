import type { Scenario } from "../scenario.ts";
import { playBadRelease } from "./bad-release.ts";

/** The kernel panics in every boot, after the boot guard has counted it. */
const panics = "[Unit]\nAfter=treeline-boot-guard.service\n\n[Service]\nExecStartPre=/bin/sh -c 'echo c >/proc/sysrq-trigger'\n";

export const panic: Scenario = {
  name: "panic",
  promise: "a release whose kernel panics in every boot is left at its third one: panic= reboots, the boot guard counts",
  long: true,
  play: (scene) => playBadRelease(scene, { name: "panic", files: { "usr/lib/systemd/system/systemd-user-sessions.service.d/10-panic.conf": panics }, because: /boot.guard/, boots: 3 }),
};
