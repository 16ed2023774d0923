import { nodeIdOfUri } from "./node-id.ts";
import * as x509 from "./x509.ts";

const subjectAlternativeNameOid = "2.5.29.17";

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
 * Reads the raw DER. Node's `subjectaltname` is one comma separated string, in which a crafted name can look like two
 * (CVE-2021-44532). Strict: exactly one subject alternative name extension with exactly one name, which is the node's URI.
 * Nothing is remembered between calls: a certificate may be revoked between two.
 *
 * @param peer what `tlsSocket.getPeerCertificate()` returns; without a certificate that is an empty object.
 */
export function identityOf(peer: { readonly raw?: Uint8Array } | undefined | null): NodeIdentity | undefined {
  if (peer?.raw === undefined) return undefined;
  try {
    const certificate = new x509.X509Certificate(peer.raw as Uint8Array<ArrayBuffer>);
    const extensions = certificate.extensions.filter((extension) => extension.type === subjectAlternativeNameOid);
    const [extension] = extensions;
    if (extensions.length !== 1 || !(extension instanceof x509.SubjectAlternativeNameExtension)) return undefined;
    const [name] = extension.names.items;
    if (extension.names.items.length !== 1 || name?.type !== "url") return undefined;
    const nodeId = nodeIdOfUri(name.value);
    return nodeId === undefined ? undefined : { kind: "node", nodeId };
  } catch {
    // Bytes that are no certificate, or a kind of name the parser does not know, are nobody's identity.
    return undefined;
  }
}
