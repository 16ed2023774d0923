import { ServerCredentials, status, type ChannelOptions, type ServiceError } from "@grpc/grpc-js";
import type { handleClientStreamingCall, handleUnaryCall, ServerReadableStream, ServerUnaryCall } from "@grpc/grpc-js";
import type { Metadata } from "@grpc/grpc-js";
import { maxMessageBytes } from "./client.ts";
import { RpcError, toServiceError } from "./error.ts";

/**
 * Limits of both listeners. A connection lives as long as it wants: sessions last for weeks.
 * Header size: grpc-js offers no option; Node's HTTP/2 refuses header lists above 64 KiB or 128 pairs by itself.
 */
export const serverOptions: Readonly<ChannelOptions> = {
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_concurrent_streams": 100,
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 10_000,
};

export interface ListenerOptions {
  readonly certPem: string;
  readonly keyPem: string;
  /** Given: only clients with a certificate of this CA pass the handshake. Absent: no client certificate is asked for. */
  readonly clientCaPem?: string;
}

/** TLS credentials of a listener. */
export function listenerCredentials(options: ListenerOptions): ServerCredentials {
  const pair = { cert_chain: Buffer.from(options.certPem), private_key: Buffer.from(options.keyPem) };
  const { clientCaPem } = options;
  return ServerCredentials.createSsl(clientCaPem === undefined ? null : Buffer.from(clientCaPem), [pair], clientCaPem !== undefined);
}

/** Takes what a handler threw and nobody expected, for the log; the caller is told INTERNAL and nothing else. */
export type OnUnexpected = (error: unknown, call: { readonly method: string }) => void;

interface AnyCall {
  readonly metadata: Metadata;
  getPath(): string;
}

/** An async function as a unary handler: what it throws goes out as a service error (`toServiceError`). */
export function unary<Request, Response>(
  handler: (request: Request, call: ServerUnaryCall<Request, Response>) => Promise<Response>,
  onUnexpected: OnUnexpected,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    invoke(() => handler(call.request, call)).then(
      (response) => callback(null, response),
      (error: unknown) => callback(serviceErrorOf(call, error, onUnexpected)),
    );
  };
}

/** The same for a stream of requests with one answer. Iterate the call (`for await`) to read it with backpressure. */
export function upload<Request, Response>(
  handler: (call: ServerReadableStream<Request, Response>) => Promise<Response>,
  onUnexpected: OnUnexpected,
): handleClientStreamingCall<Request, Response> {
  return (call, callback) => {
    invoke(() => handler(call)).then(
      (response) => callback(null, response),
      (error: unknown) => callback(serviceErrorOf(call, error, onUnexpected)),
    );
  };
}

interface WritableCall extends AnyCall {
  end(): unknown;
  emit(event: "error", error: ServiceError): boolean;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** The same for a handler that answers with a stream (one way or both): the stream ends when the promise does. */
export function streaming<Call extends WritableCall>(
  handler: (call: Call) => Promise<void>,
  onUnexpected: OnUnexpected,
): (call: Call) => void {
  return (call) => {
    invoke(() => handler(call)).then(
      () => call.end(),
      (error: unknown) => failCall(call, error, onUnexpected),
    );
  };
}

/** Ends a call with an error, from wherever its handler stands. */
export function failCall(call: WritableCall, error: unknown, onUnexpected: OnUnexpected): void {
  call.emit("error", serviceErrorOf(call, error, onUnexpected));
}

interface AuthenticatedCall {
  getAuthContext(): { readonly sslPeerCertificate?: { readonly raw: Buffer } };
}

/** The client's certificate (DER), already verified by TLS against the listener's CA; undefined when it showed none. */
export function peerCertificateOf(call: AuthenticatedCall): Buffer | undefined {
  return call.getAuthContext().sslPeerCertificate?.raw;
}

// RFC 6750, section 2.1 (token68), bounded.
const bearerForm = /^Bearer ([A-Za-z0-9._~+/-]{1,4096}=*)$/i;

/** The bearer token of a call, undefined when it carries none. Throws RpcError UNAUTHENTICATED when the header is malformed or given twice. */
export function bearerTokenOf(call: { readonly metadata: Metadata }): string | undefined {
  const headers = call.metadata.get("authorization");
  if (headers.length === 0) return undefined;
  const token = headers.length === 1 ? bearerForm.exec(String(headers[0]))?.[1] : undefined;
  if (token === undefined)
    throw new RpcError("the authorization header is malformed", {
      status: status.UNAUTHENTICATED,
      reason: "TOKEN_MALFORMED",
      remedy: 'send one header "authorization: Bearer TOKEN"',
    });
  return token;
}

/** A handler may throw before its first await; that is a rejection, too. */
async function invoke<Result>(handler: () => Promise<Result>): Promise<Result> {
  return await handler();
}

function serviceErrorOf(call: AnyCall, error: unknown, onUnexpected: OnUnexpected): ServiceError {
  return toServiceError(error, (unexpected) => onUnexpected(unexpected, { method: call.getPath() }));
}
