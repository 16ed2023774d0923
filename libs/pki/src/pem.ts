/** A decoded PEM block: its label ("CERTIFICATE") and its DER bytes. */
export interface PemBlock {
  readonly label: string;
  readonly der: Buffer;
}

const block = /-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----/g;

/** The PEM blocks of a text, in order. Text between blocks is ignored, as RFC 7468 allows; a text without a block gives none. */
export function pemBlocks(text: string): readonly PemBlock[] {
  return [...text.matchAll(block)].map(([, label = "", body = ""]) => ({ label, der: Buffer.from(body, "base64") }));
}

/** DER bytes as one PEM block with 64 columns and a newline at the end (RFC 7468). */
export function pemOf(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
