import { isIP } from "node:net";

export interface Ports {
  readonly front: number;
  readonly sessions: number;
  readonly https: number;
}

/** Where agents and operators find this server, one entry per advertised host. */
export interface Endpoints {
  readonly front: readonly string[];
  readonly sessions: readonly string[];
  readonly content: readonly string[];
}

export function endpointsOf(hosts: readonly string[], ports: Ports): Endpoints {
  const at = (port: number): readonly string[] => hosts.map((host) => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`);
  return { front: at(ports.front), sessions: at(ports.sessions), content: at(ports.https) };
}

/** The names of a server certificate: what is advertised, and the loopback names for people on the same machine. */
export function certificateNames(hosts: readonly string[]): { readonly dnsNames: readonly string[]; readonly ipAddresses: readonly string[] } {
  const all = [...new Set([...hosts, "localhost", "127.0.0.1", "::1"])];
  return { dnsNames: all.filter((host) => isIP(host) === 0), ipAddresses: all.filter((host) => isIP(host) !== 0) };
}
