import { X509Certificate } from "node:crypto";
import { nodeIdOfUri } from "./node-id.ts";

/** Who is at the other end of a TLS connection. */
export interface NodeIdentity {
  readonly kind: "node";
  /** UUID in lower case. */
  readonly nodeId: string;
}

/**
 * The identity in a peer's certificate; undefined when it has none of ours. Ask only for a peer whose chain TLS has verified
 * (`socket.authorized`): this reads a name, it does not check who signed it.
 *
 * Strict: the whole list of subject alternative names must be the one node URI. A crafted name that looks like two (CVE-2021-44532) is quoted
 * by Node and so never matches; a second name never does either.
 * Nothing is remembered between calls: a certificate may be revoked between two.
 *
 * @param peer what `tlsSocket.getPeerCertificate()` returns; without a certificate that is an empty object.
 */
export function identityOf(peer: { readonly raw?: Uint8Array } | undefined | null): NodeIdentity | undefined {
  if (peer?.raw === undefined) return undefined;
  const names = namesOf(peer.raw);
  const nodeId = names?.startsWith(uriPrefix) ? nodeIdOfUri(names.slice(uriPrefix.length)) : undefined;
  return nodeId === undefined ? undefined : { kind: "node", nodeId };
}

const uriPrefix = "URI:";

/** 2.5.29.17, subjectAltName, in DER. That these five bytes turn up in a key or signature by chance: one certificate in 2e9. */
const subjectAltNameOid = Buffer.from("0603551d11", "hex");

function namesOf(raw: Uint8Array): string | undefined {
  const der = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  // Node shows one of two extensions and says nothing of the other.
  if (der.indexOf(subjectAltNameOid) !== der.lastIndexOf(subjectAltNameOid)) return undefined;
  try {
    return new X509Certificate(raw).subjectAltName;
  } catch {
    // Bytes that are no certificate are nobody's identity.
    return undefined;
  }
}
