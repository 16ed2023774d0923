import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket, connect } from "node:net";

/** What happens to connections through a gate. Bytes are not looked at: they are TLS. */
export type GateState =
  | { readonly kind: "open" }
  /** Accepted, then nothing comes and nothing goes. */
  | { readonly kind: "swallow" }
  | { readonly kind: "reset" }
  | { readonly kind: "slow"; readonly bytesPerSecond: number }
  /** Each connection is reset when so many bytes have come from the server. */
  | { readonly kind: "reset-after"; readonly bytes: number };

const slowMillis = 50;

/** A port on this computer through which agents reach one port of the server, and which may be anything but reliable. */
export class Gate {
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #state: GateState = { kind: "open" };
  /** Connections that were reset by `reset-after`. */
  cuts = 0;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
  }

  static async to(port: number): Promise<Gate> {
    const server = createServer();
    const gate = new Gate(server, port);
    server.on("connection", (socket) => gate.#take(socket));
    server.listen(0, "0.0.0.0");
    await once(server, "listening");
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `afresh`: connections that are there end; those that were swallowed would hang for ever. */
  set(state: GateState, afresh: boolean): void {
    this.#state = state;
    if (afresh || state.kind === "reset") this.#resetAll();
  }

  close(): void {
    this.#resetAll();
    this.#server.close();
  }

  #resetAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #take(near: Socket): void {
    this.#keep(near);
    if (this.#state.kind === "reset") return void near.resetAndDestroy();
    const far = connect(this.#target, "127.0.0.1");
    this.#keep(far);
    let fromServer = 0;
    this.#forward(near, far, () => {});
    this.#forward(far, near, (bytes) => {
      fromServer += bytes;
      if (this.#state.kind !== "reset-after" || fromServer < this.#state.bytes) return;
      this.cuts += 1;
      near.resetAndDestroy();
      far.resetAndDestroy();
    });
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #forward(from: Socket, to: Socket, onBytes: (bytes: number) => void): void {
    from.on("data", (chunk: Buffer) => {
      const state = this.#state;
      if (state.kind === "swallow") return;
      onBytes(chunk.length);
      if (to.destroyed) return;
      to.write(chunk);
      if (state.kind !== "slow") return;
      from.pause();
      setTimeout(() => from.resume(), Math.max(slowMillis, (chunk.length / state.bytesPerSecond) * 1000));
    });
    from.on("end", () => to.end());
  }
}
