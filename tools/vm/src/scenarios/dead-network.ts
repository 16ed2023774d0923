import type { Scenario } from "../scenario.ts";
import { playBadRelease } from "./bad-release.ts";

/** An address of nobody's network. */
const elsewhere = "[Match]\nType=ether\n\n[Network]\nAddress=192.0.2.7/24\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n";

export const deadNetwork: Scenario = {
  name: "dead-network",
  promise: "a release that breaks the network is left by the agent itself, which reports once it is back",
  long: true,
  play: (scene) =>
    playBadRelease(scene, {
      name: "dead-network",
      files: {
        "usr/lib/systemd/network/80-dhcp.network": elsewhere,
        // Instead of ten minutes, in this release only: nothing else is to fail by a short one on a busy computer.
        "usr/lib/systemd/system/treeline-agent.service.d/10-short.conf": "[Service]\nEnvironment=TREELINE_SESSION_DEADLINE=30s\n",
      },
      because: /the session did not come back/,
      boots: 1,
    }),
};
