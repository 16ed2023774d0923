import { isIP } from "node:net";
import { PkiError } from "./pki-error.ts";
import type { JsonGeneralNames } from "./x509.ts";

/** The names under which a server is reached. At least one name or address is needed. */
export interface ServerNames {
  /** DNS names without wildcard and without trailing dot: `treeline.example.org`, `localhost`. */
  readonly dnsNames: readonly string[];
  /** IPv4 or IPv6 addresses without brackets and without zone. */
  readonly ipAddresses: readonly string[];
}

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const dnsName = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`, "i");

/**
 * The subject alternative names of a server's certificate.
 * @throws PkiError name-invalid
 */
export function subjectAlternativeNames({ dnsNames, ipAddresses }: ServerNames): JsonGeneralNames {
  if (dnsNames.length + ipAddresses.length === 0) {
    throw invalid("dnsNames", "a server certificate needs at least one DNS name or IP address: name the host that agents connect to");
  }
  for (const name of dnsNames) {
    if (isIP(name) !== 0) throw invalid(name, `${JSON.stringify(name)} is an IP address: list it under ipAddresses`);
    if (!dnsName.test(name))
      throw invalid(name, `${JSON.stringify(name)} is not a DNS name: letters, digits, hyphens and dots, no wildcard`);
  }
  for (const address of ipAddresses) {
    if (isIP(address) === 0 || address.includes("%"))
      throw invalid(address, `${JSON.stringify(address)} is not an IPv4 or IPv6 address without brackets and zone`);
  }
  return [
    ...dnsNames.map((value) => ({ type: "dns" as const, value: value.toLowerCase() })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
}

function invalid(subject: string, message: string): PkiError {
  return new PkiError(message, { code: "name-invalid", phase: "issue-server", subject });
}
