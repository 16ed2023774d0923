import { connect } from "node:net";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Probe } from "../configuration.ts";
import { untilPassed, type Check, type Try } from "./check.ts";
import { runProgram, type ProgramResult } from "./run-program.ts";

const maxProblem = 300;
const passed: ProgramResult = { passed: true, output: "" };

/** A check from the configuration. It passes as soon as it succeeds once within the timeout. */
export function probeCheck(probe: Probe, index: number, timeoutMillis: number): Check {
  const name = `probe/${probe.name}`;
  return {
    name,
    path: `${name}#${index + 1}`,
    required: probe.required,
    run: (signal) => untilPassed({ timeoutMillis, signal }, (aTry) => tryOnce(probe, aTry, signal)),
  };
}

function tryOnce(probe: Probe, { timeoutMillis, end }: Try, signal: AbortSignal): Promise<ProgramResult> {
  switch (probe.kind) {
    case "exec": {
      const [program = "", ...rest] = probe.command;
      return runProgram(program, { arguments: rest, timeoutMillis, signal });
    }
    case "http":
      return tryHttp(probe.url, end);
    case "tcp":
      return tryTcp(probe, end);
  }
}

/**
 * A GET without a body, on a connection of its own. Only the status counts: a redirection is not followed and has not passed, and the body is never read. For
 * HTTPS the authorities are the host's own, not those that Node brings along.
 */
async function tryHttp(url: string, signal: AbortSignal): Promise<ProgramResult> {
  const { promise, resolve } = Promise.withResolvers<ProgramResult>();
  const options = { agent: false, signal, headers: { "user-agent": "treeline-agent", connection: "close" } } as const satisfies RequestOptions;
  const onResponse = (response: IncomingMessage): void => {
    const { statusCode = 0 } = response;
    response.destroy();
    resolve(statusCode >= 200 && statusCode < 300 ? passed : failed(`answered with status ${statusCode}`));
  };
  try {
    const request = await get(url, options, onResponse);
    request.on("error", (error) => resolve(failed(problemOf(error))));
  } catch (error) {
    resolve(failed(problemOf(error)));
  }
  return promise;
}

async function get(url: string, options: RequestOptions, onResponse: (response: IncomingMessage) => void): Promise<ClientRequest> {
  if (!url.startsWith("https:")) return (await import("node:http")).get(url, options, onResponse);
  const [https, tls] = [await import("node:https"), await import("node:tls")];
  return https.get(url, { ...options, ca: tls.getCACertificates("system") }, onResponse);
}

function tryTcp({ host, port }: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<ProgramResult> {
  const { promise, resolve } = Promise.withResolvers<ProgramResult>();
  const socket = connect({ host, port, signal });
  socket.once("connect", () => {
    socket.destroy();
    resolve(passed);
  });
  socket.on("error", (error) => resolve(failed(problemOf(error))));
  return promise;
}

const failed = (problem: string): ProgramResult => ({ passed: false, output: problem.slice(0, maxProblem).toWellFormed() });

function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "AbortError") return "no answer";
  // Of several addresses that were tried in vain, the code says more than the message, which is empty.
  return error.message || ("code" in error ? String(error.code) : error.name);
}
