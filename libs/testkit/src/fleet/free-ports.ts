import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** Ports that are free now, all different. Another process may take one before it is used: whoever listens says so. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "0.0.0.0"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
