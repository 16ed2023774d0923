/** A node's id: a UUID given by the server at enrollment. The host name is a label, not the identity. */
export type NodeId = string;

/** An OSTree commit: 64 lower-case hexadecimal digits, the SHA-256 of the commit object. */
export type Checksum = string;

/** Milliseconds since the epoch on the server's clock. Only the server's decisions use it; nothing on a host trusts a wall clock. */
export type Instant = number;

export function isChecksum(text: string): text is Checksum {
  return /^[0-9a-f]{64}$/.test(text);
}

/** The first ten digits, enough for people to tell two commits apart. */
export function shortChecksum(checksum: Checksum): string {
  return checksum.slice(0, 10);
}
