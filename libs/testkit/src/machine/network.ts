import { existsSync } from "node:fs";
import path from "node:path";
import { run } from "../command.ts";

/** How machines reach services on the host. */
export interface MachineNetwork {
  /** `own`: each machine has its own network and a cable to the host that can be cut; `shared`: all share the host's. */
  readonly kind: "own" | "shared";
  /** Where machines find services of the host: the same for all machines, known before any is made. */
  readonly serverAddress: string;
  /** Why machines have no network of their own. */
  readonly reason?: string;
}

/** From the range for benchmarks (RFC 2544), so that it collides with no network in use. Machines take theirs from 198.18.0.0/16. */
const hostAddress = "198.19.255.254";

const shared = (reason: string): MachineNetwork => ({ kind: "shared", serverAddress: "127.0.0.1", reason });

/**
 * Finds out, by plugging in a cable and letting it go, which network machines get here. With a network of their own, services of the host must
 * listen on all addresses (0.0.0.0): the host has `serverAddress` only while a machine is on.
 */
export async function machineNetwork(): Promise<MachineNetwork> {
  if (process.getuid?.() !== 0) {
    return shared("not root: a user namespace cannot plug a cable into the host");
  }
  if (!["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"].some((file) => existsSync(file))) {
    return shared("`ip` is missing: install iproute2");
  }
  const plugIn = path.join(import.meta.dirname, "plug-in.sh");
  const script = 'exec 9</proc/self/ns/net; exec unshare --net --pid --fork --kill-child /bin/bash "$0" "$1"';
  const trial = await run(["/bin/bash", "-c", script, plugIn, hostAddress]);
  return trial.code === 0
    ? { kind: "own", serverAddress: hostAddress }
    : shared(trial.stderr.trim() || `plug-in.sh ended with status ${trial.code}`);
}
