import { readRotation, type SignedRotation, type TrustedKey } from "@treeline/ostree";
import type { wire } from "@treeline/rpc";
import { tableLines } from "../output/table.ts";
import { instantOf } from "./instant.ts";

/** A key rotation as machines read it. */
export interface RotationView {
  readonly serial: number;
  readonly issuedAt: string;
  readonly trust: readonly { readonly key: string; readonly notBefore: string | null; readonly notAfter: string | null }[];
  readonly retire: readonly string[];
  readonly signedBy: readonly string[];
  /** Null for one that was just made. */
  readonly publishedAt: string | null;
  readonly publishedBy: string | null;
}

export function rotationView({ rotation, signatures }: SignedRotation): RotationView {
  const iso = (millis: number | undefined): string | null => (millis === undefined ? null : new Date(millis).toISOString());
  return {
    serial: rotation.serial,
    issuedAt: new Date(rotation.issuedAt).toISOString(),
    trust: rotation.trust.map(({ key, notBefore, notAfter }: TrustedKey) => ({ key, notBefore: iso(notBefore), notAfter: iso(notAfter) })),
    retire: rotation.retire,
    signedBy: signatures.map(({ key }) => key),
    publishedAt: null,
    publishedBy: null,
  };
}

/** The document is read here: who signed what is not taken from the server. @throws RotationError */
export function publishedRotationView({ document, publishedAtMillis, publishedBy }: wire.KeyRotation__Output): RotationView {
  return { ...rotationView(readRotation(Buffer.from(document))), publishedAt: instantOf(publishedAtMillis), publishedBy };
}

export function rotationTable(rotations: readonly RotationView[]): readonly string[] {
  return tableLines(
    [
      { title: "SERIAL", cell: ({ serial }) => String(serial), align: "right" },
      { title: "ISSUED", cell: ({ issuedAt }) => issuedAt },
      { title: "TRUSTS", cell: ({ trust }) => trust.map(trustText).join(", ") },
      { title: "RETIRES", cell: ({ retire }) => retire.join(", ") },
      { title: "SIGNED BY", cell: ({ signedBy }) => signedBy.join(", ") },
    ],
    rotations,
  );
}

function trustText({ key, notBefore, notAfter }: RotationView["trust"][number]): string {
  return notBefore === null && notAfter === null ? key : `${key} (${notBefore ?? ""}..${notAfter ?? ""})`;
}
