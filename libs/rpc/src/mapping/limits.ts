import type { Format } from "./fields.ts";

/** What a message from outside may hold at most. Texts in UTF-16 units, lists in entries. */
export const wireLimits = {
  identifier: 128,
  name: 256,
  reason: 4096,
  checkOutput: 4096,
  kargs: 8192,
  deployments: 64,
  closedAttempts: 64,
  openAttempts: 64,
  deniedCommits: 256,
  checks: 64,
  disks: 512,
  interfaces: 512,
  addresses: 64,
  extendedResources: 256,
  keyRotations: 128,
  keyRotation: 16_384,
} as const;

export const checksumFormat: Format = { pattern: /^[0-9a-f]{64}$/, form: "64 lower-case hexadecimal digits" };

/** As /proc/sys/kernel/random/boot_id shows it. */
export const bootIdFormat: Format = {
  pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  form: "a UUID in lower case, as in /proc/sys/kernel/random/boot_id",
};

/** Names of rollouts, slots, nonces: what can stand in a log line and a URL as it is. */
export const identifierFormat: Format = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/,
  form: "1 to 128 letters, digits, '.', '_', ':' or '-', beginning with a letter or digit",
};

/** Names of extended resources: Kubernetes' qualified names. */
export const resourceNameFormat: Format = {
  pattern: /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
  form: "a name of 1 to 63 letters, digits, '.', '_' or '-', with a DNS name and '/' before it if need be, as in vendor.com/gpu",
};
