import type { TLSSocket } from "node:tls";

/** One TLS connection of a listener. What is known of its peer was found out once, at the end of the handshake. */
export interface Connection {
  readonly remoteAddress: string;
  /** The client's certificate (DER), verified against the listener's client CAs; undefined when none was shown or the one shown is not accepted. */
  readonly certificate: Buffer | undefined;
  /** Why the certificate that was shown is not accepted (OpenSSL's code, such as CERT_HAS_EXPIRED). */
  readonly certificateProblem: string | undefined;
  /** Whom the listener's `identify` took it for. */
  readonly identity: string | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** The four numbers that name a TCP connection, as grpc-js tells them of a call. */
export interface ConnectionAddresses {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

interface Entry {
  readonly connection: Connection;
  readonly socket: TLSSocket;
  readonly key: string;
}

/**
 * Connections past the handshake, by their addresses (how a call finds its own) and by identity (how all of one are cut).
 * INVARIANT: a key is in the table only while its socket is open; the kernel gives the same addresses to no other connection meanwhile.
 */
export class ConnectionTable {
  readonly #byKey = new Map<string, Entry>();
  readonly #byIdentity = new Map<string, Set<Entry>>();

  get size(): number {
    return this.#byKey.size;
  }

  add(connection: Connection, socket: TLSSocket): void {
    const entry: Entry = { connection, socket, key: keyOf(socket) };
    this.#byKey.set(entry.key, entry);
    const { identity } = connection;
    if (identity !== undefined) this.#byIdentity.set(identity, (this.#byIdentity.get(identity) ?? new Set()).add(entry));
    socket.once("close", () => this.#remove(entry));
  }

  find(addresses: ConnectionAddresses): Connection | undefined {
    return this.#byKey.get(keyOf(addresses))?.connection;
  }

  /** How many one identity has; the entries stand in the order of their coming. */
  countOf(identity: string): number {
    return this.#byIdentity.get(identity)?.size ?? 0;
  }

  cutOldestOf(identity: string): void {
    const [oldest] = this.#byIdentity.get(identity) ?? [];
    if (oldest) this.#cut(oldest);
  }

  /** Destroys all connections of one identity, at once: nothing more is read from them. Returns how many there were. */
  cut(identity: string): number {
    const entries = [...(this.#byIdentity.get(identity) ?? [])];
    for (const entry of entries) this.#cut(entry);
    return entries.length;
  }

  /** Destroys the one connection with these addresses. */
  cutAt(addresses: ConnectionAddresses): void {
    const entry = this.#byKey.get(keyOf(addresses));
    if (entry) this.#cut(entry);
  }

  cutAll(): void {
    for (const entry of [...this.#byKey.values()]) this.#cut(entry);
  }

  *[Symbol.iterator](): Iterator<Connection> {
    for (const { connection } of this.#byKey.values()) yield connection;
  }

  #cut(entry: Entry): void {
    // Out of the table first: a call already read from the socket finds no connection any more, so it is refused.
    this.#remove(entry);
    entry.socket.destroy();
  }

  #remove(entry: Entry): void {
    if (this.#byKey.get(entry.key) === entry) this.#byKey.delete(entry.key);
    const { identity } = entry.connection;
    if (identity === undefined) return;
    const others = this.#byIdentity.get(identity);
    others?.delete(entry);
    if (others?.size === 0) this.#byIdentity.delete(identity);
  }
}

function keyOf({ localAddress, localPort, remoteAddress, remotePort }: ConnectionAddresses): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
