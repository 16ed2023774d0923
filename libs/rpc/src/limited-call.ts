import { ServerInterceptingCall, status, type Metadata } from "@grpc/grpc-js";
import { RpcError, toServiceError } from "./error.ts";
import type { ListenerLimits, Refusal } from "./listener-limits.ts";

type NextCall = ConstructorParameters<typeof ServerInterceptingCall>[0];
type CallListener = Parameters<ServerInterceptingCall["start"]>[0];

export interface LimitedMethod {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

export interface LimitedCallOptions {
  readonly method: LimitedMethod;
  readonly limits: ListenerLimits;
  /** Before anything is read of the call's body; throws RpcError to refuse it. */
  readonly admit: (call: NextCall, metadata: Metadata) => void;
  readonly onRefused: (refusal: Refusal) => void;
  /** Cuts the call's connection. */
  readonly cut: (call: NextCall) => void;
}

/**
 * A call within its limits. A unary call ends with its time. A stream may last for weeks, but not stand still: one timer runs while a message
 * waits for the client to take it, or (uploads) while the client owes one; it starts anew with each step.
 */
export class LimitedCall extends ServerInterceptingCall {
  readonly #next: NextCall;
  readonly #options: LimitedCallOptions;
  #timer: NodeJS.Timeout | undefined;
  /** grpc-js sends one message at a time: the next waits in the handler's stream, whose backpressure the handler heeds. */
  #unread = false;
  #owed = false;
  #over = false;

  constructor(next: NextCall, options: LimitedCallOptions) {
    super(next);
    this.#next = next;
    this.#options = options;
  }

  override start(listener: CallListener): void {
    const { method, limits, admit } = this.#options;
    super.start({
      onReceiveMetadata: (metadata) => {
        try {
          this.#checkMetadata(metadata);
          admit(this.#next, metadata);
        } catch (error) {
          return this.#refuse(error);
        }
        if (!method.requestStream && !method.responseStream) this.#limitUnary(limits.callMillisByMethod[method.path] ?? limits.callMillis);
        listener.onReceiveMetadata(metadata);
      },
      onReceiveMessage: (message: unknown) => {
        this.#arrived();
        listener.onReceiveMessage(message);
      },
      onReceiveHalfClose: () => {
        this.#arrived();
        listener.onReceiveHalfClose();
      },
      onCancel: () => {
        this.#end();
        listener.onCancel();
      },
    });
  }

  override startRead(): void {
    const { requestStream, responseStream } = this.#options.method;
    // A stream both ways is a session: what its client owes, and when, its own protocol says. The first request of a watch is owed, too.
    if (requestStream !== responseStream && !this.#over) {
      this.#owed = true;
      this.#watch();
    }
    super.startRead();
  }

  override sendMessage(message: unknown, callback: () => void): void {
    const { method } = this.#options;
    if (!method.responseStream) return super.sendMessage(message, callback);
    if (this.#over) return;
    this.#unread = true;
    this.#watch();
    super.sendMessage(message, () => {
      this.#unread = false;
      this.#watch();
      callback();
    });
  }

  override sendStatus(result: Parameters<ServerInterceptingCall["sendStatus"]>[0]): void {
    const { method } = this.#options;
    // A stream's last messages still have to be taken, within the same time; a unary answer is small, and its connection is watched by keepalive.
    if (!method.responseStream) this.#end();
    this.#owed = false;
    super.sendStatus(result);
  }

  #checkMetadata(metadata: Metadata): void {
    const { metadataEntries, metadataBytes } = this.#options.limits;
    let entries = 0;
    let bytes = 0;
    for (const [name, values] of Object.entries(metadata.toHttp2Headers()))
      for (const value of Array.isArray(values) ? values : [values]) {
        entries++;
        bytes += name.length + String(value).length;
      }
    if (entries <= metadataEntries && bytes <= metadataBytes) return;
    this.#options.onRefused("metadata");
    throw new RpcError(`the call carries ${entries} headers of ${bytes} bytes`, {
      status: status.RESOURCE_EXHAUSTED,
      reason: "METADATA_TOO_LARGE",
      remedy: `send at most ${metadataEntries} of together ${metadataBytes} bytes`,
    });
  }

  #limitUnary(millis: number): void {
    this.#timer = setTimeout(() => {
      this.#options.onRefused("deadline");
      this.#refuse(
        new RpcError(`the call was not answered within ${millis / 1_000} seconds`, {
          status: status.DEADLINE_EXCEEDED,
          reason: "CALL_TOO_LONG",
          remedy: "look at what it was to change, then try again",
        }),
      );
    }, millis);
  }

  #arrived(): void {
    if (!this.#owed) return;
    this.#owed = false;
    this.#watch();
  }

  /** Starts the time anew while somebody is waited for, and stops it when nobody is. */
  #watch(): void {
    if (this.#over || (!this.#unread && !this.#owed)) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => (this.#unread ? this.#slowReader() : this.#slowWriter()), this.#options.limits.stallMillis);
  }

  #slowReader(): void {
    this.#options.onRefused("slow-reader");
    this.#refuse(
      new RpcError("the messages of this stream are not read", {
        status: status.RESOURCE_EXHAUSTED,
        reason: "SLOW_READER",
        remedy: "read faster, then call again: a new stream begins with the whole state",
      }),
    );
    // The status waits behind what is not read, and so would the memory; HTTP/2 knows no other way out that grpc-js offers.
    this.#options.cut(this.#next);
  }

  #slowWriter(): void {
    this.#options.onRefused("slow-writer");
    this.#refuse(
      new RpcError("nothing came on this stream for too long", {
        status: status.DEADLINE_EXCEEDED,
        reason: "SLOW_WRITER",
        remedy: "check the network, then call again",
      }),
    );
  }

  #refuse(error: unknown): void {
    this.#end();
    super.sendStatus(serviceStatusOf(error));
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function serviceStatusOf(error: unknown): Parameters<ServerInterceptingCall["sendStatus"]>[0] {
  const { code, details, metadata } = toServiceError(error, () => undefined);
  return { code, details, metadata };
}
