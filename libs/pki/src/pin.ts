import { createHash } from "node:crypto";
import { isIP } from "node:net";
import { connect, type DetailedPeerCertificate } from "node:tls";
import { pemOf } from "./pem.ts";
import { PkiError, type PkiErrorCode } from "./pki-error.ts";

/** Longest chain that is looked at. Ours has two certificates. */
const maxChainLength = 10;

export interface PinnedCaRequest {
  /** DNS name or IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** SHA-256 of the authority's DER, 64 hex digits, from the enrollment token. */
  readonly caSha256: string;
  /** For name lookup, connection and handshake together, in milliseconds. */
  readonly timeoutMs: number;
}

export interface PresentedCertificate {
  readonly subject: string;
  readonly sha256: string;
}

/** The pinned authority could not be fetched. `presented` is what the other side showed instead, leaf first. */
export class PinError extends PkiError {
  override readonly name = "PinError";
  readonly presented: readonly PresentedCertificate[];

  constructor(
    message: string,
    details: {
      readonly code: PkiErrorCode;
      readonly subject: string;
      readonly cause?: unknown;
      readonly presented?: readonly PresentedCertificate[];
    },
  ) {
    super(message, { code: details.code, phase: "pin", subject: details.subject, cause: details.cause });
    this.presented = details.presented ?? [];
  }
}

/**
 * The PEM of the authority whose DER has the pinned hash, taken from the chain a server presents.
 *
 * The connection itself is trusted with nothing: no byte of ours is sent after the handshake, and all that is kept is a certificate
 * whose hash was known beforehand. Whether the server HOLDS a certificate of that authority is for the next connection to
 * prove, which must have the returned PEM as its only root.
 *
 * @throws PinError pin-invalid, pin-unreachable, pin-timeout, pin-mismatch
 */
export async function fetchPinnedCa(request: PinnedCaRequest): Promise<string> {
  const { caSha256 } = request;
  const subject = `${request.host}:${request.port}`;
  if (!/^[0-9a-f]{64}$/.test(caSha256)) {
    throw new PinError("the pin must be 64 hex digits in lower case: take it from the enrollment token", {
      code: "pin-invalid",
      subject: "caSha256",
    });
  }
  const chain = await presentedChain(request, subject);
  const pinned = chain.find((der) => sha256Of(der) === caSha256);
  if (pinned !== undefined) return pemOf("CERTIFICATE", pinned.raw);
  const presented = chain.map((certificate) => ({ subject: nameOf(certificate), sha256: sha256Of(certificate) }));
  const shown =
    presented.map((certificate) => `${certificate.subject} (SHA-256 ${certificate.sha256})`).join(", then ") || "no certificate";
  throw new PinError(
    `${subject} is not the server this host's enrollment token was made for. Expected an authority with SHA-256 ${caSha256}; it presented ${shown}. ` +
      "Check the address and whether something between intercepts TLS; if the server got a new authority, make a new token",
    { code: "pin-mismatch", subject, presented },
  );
}

function presentedChain({ host, port, timeoutMs }: PinnedCaRequest, subject: string): Promise<readonly DetailedPeerCertificate[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      // Sound only because nothing is sent and the hash decides. Every other connection verifies.
      rejectUnauthorized: false,
      minVersion: "TLSv1.3",
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    const timer = setTimeout(() => {
      const message = `${subject} did not finish a TLS handshake within ${timeoutMs} ms: check address, port and firewall`;
      fail(new PinError(message, { code: "pin-timeout", subject }));
    }, timeoutMs);
    const fail = (error: PinError): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    socket.once("secureConnect", () => {
      const chain = chainFrom(socket.getPeerCertificate(true));
      clearTimeout(timer);
      // Not `destroy`: the last message of the handshake may still be unsent, and the server would log a broken handshake.
      socket.destroySoon();
      resolve(chain);
    });
    // `on`: an error that comes after the answer must not become an uncaught one.
    socket.on("error", (cause: NodeJS.ErrnoException) => {
      const message = `cannot open a TLS connection to ${subject} (${cause.code ?? cause.message}): check that the server runs and that this is its TLS port`;
      fail(new PinError(message, { code: "pin-unreachable", subject, cause }));
    });
    socket.once("close", () => {
      fail(
        new PinError(`${subject} closed the connection during the TLS handshake: check that this is its TLS port`, {
          code: "pin-unreachable",
          subject,
        }),
      );
    });
  });
}

/** Node links a self-signed certificate to itself; a peer without a certificate is an empty object. */
function chainFrom(leaf: DetailedPeerCertificate): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let at: DetailedPeerCertificate | undefined = leaf;
  while (at?.raw !== undefined && chain.length < maxChainLength && !chain.includes(at)) {
    chain.push(at);
    at = at.issuerCertificate as DetailedPeerCertificate | undefined;
  }
  return chain;
}

function sha256Of({ raw }: DetailedPeerCertificate): string {
  return createHash("sha256").update(raw).digest("hex");
}

/** What a stranger wrote goes to a terminal and a log: escaped and short. */
function nameOf({ subject }: DetailedPeerCertificate): string {
  const name = subject?.CN ?? subject?.O ?? "";
  return JSON.stringify(String(name).slice(0, 80));
}
