import { once } from "node:events";
import type { Server as HttpsServer } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import type { GrpcListener } from "@treeline/rpc";

export interface ListenAddress {
  /** The listener's name in the configuration. */
  readonly name: "front" | "sessions" | "https";
  /** 0: any free port. */
  readonly port: number;
  readonly address: string;
}

/** A listener that could not be opened. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly subject: string;

  constructor({ name, port, address }: ListenAddress, cause: unknown) {
    const busy = /EADDRINUSE/.test(String(cause)) || (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
    const reason = busy ? "the port is in use" : cause instanceof Error ? cause.message : String(cause);
    super(`listen.${name}: cannot listen on ${address}:${port}: ${reason}. Stop what uses it, or set listen.${name} (--listen-${name}, TREELINE_LISTEN_${name.toUpperCase()}) to another port`, { cause });
    this.subject = `listen.${name}`;
  }
}

/**
 * Finds out whether these can be listened on, before anything is written: a start that fails for a port shall change nothing. Another process
 * may still take one before it is opened; then that fails with the same words.
 */
export async function requireFreePorts(wanted: readonly ListenAddress[]): Promise<void> {
  for (const at of wanted) {
    if (at.port === 0) continue;
    const probe = createServer();
    try {
      probe.listen(at.port, at.address);
      await once(probe, "listening");
    } catch (error) {
      throw new ListenError(at, error);
    } finally {
      probe.close();
    }
  }
}

/** Opens a gRPC listener; returns its port. */
export async function listenGrpc(listener: GrpcListener, at: ListenAddress): Promise<number> {
  try {
    return await listener.listen(at);
  } catch (error) {
    throw new ListenError(at, error);
  }
}

/** Opens the HTTPS listener; returns its port. */
export async function listenHttps(server: HttpsServer, at: ListenAddress): Promise<number> {
  try {
    server.listen(at.port, at.address);
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  } catch (error) {
    throw new ListenError(at, error);
  }
}
