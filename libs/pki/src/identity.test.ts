import { describe, expect, it } from "vitest";
import { identityOf } from "./identity.ts";
import { ecdsaP256, generateSigningKeys } from "./signing-key.ts";
import * as x509 from "./x509.ts";

const nodeId = "0f9a6a52-7c1e-4a0b-9a53-0d6c5f0b7a11";
const uri = `treeline://node/${nodeId}`;

async function certificateWith(...extensions: x509.Extension[]): Promise<{ raw: Buffer }> {
  const keys = await generateSigningKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${uri}`,
    keys,
    signingAlgorithm: ecdsaP256,
    extensions,
  });
  return { raw: Buffer.from(certificate.rawData) };
}

const san = (...names: x509.JsonGeneralNames) => new x509.SubjectAlternativeNameExtension(names);

/** A subject alternative name of our own bytes: what the generator would refuse to write. */
function rawSan(hex: string): x509.Extension {
  return new x509.Extension("2.5.29.17", false, Buffer.from(hex, "hex"));
}

const uriHex = (text: string): string => {
  const bytes = Buffer.from(text, "latin1");
  const entry = Buffer.concat([Buffer.from([0x86, bytes.length]), bytes]);
  return Buffer.concat([Buffer.from([0x30, entry.length]), entry]).toString("hex");
};

describe("identityOf", () => {
  it("reads the node's id", async () => {
    expect(identityOf(await certificateWith(san({ type: "url", value: uri })))).toEqual({ kind: "node", nodeId });
    expect(identityOf(await certificateWith(rawSan(uriHex(uri))))).toEqual({ kind: "node", nodeId });
  });

  it.each([
    ["no subject alternative name, the URI in the common name", []],
    ["a DNS name that looks like a list with a URI", [san({ type: "dns", value: `a, URI:${uri}` })]],
    ["the URI as a DNS name", [san({ type: "dns", value: uri })]],
    ["the URI beside another name", [san({ type: "url", value: uri }, { type: "dns", value: "a.example" })]],
    ["two URIs", [san({ type: "url", value: uri }, { type: "url", value: uri })]],
    ["two extensions", [san({ type: "url", value: uri }), san({ type: "url", value: uri })]],
    ["upper case", [san({ type: "url", value: `treeline://node/${nodeId.toUpperCase()}` })]],
    ["another scheme", [san({ type: "url", value: `spiffe://node/${nodeId}` })]],
    ["another kind", [san({ type: "url", value: `treeline://operator/${nodeId}` })]],
    ["something after it", [san({ type: "url", value: `${uri}/x` })]],
    ["something before it", [san({ type: "url", value: `x${uri}` })]],
    ["a newline after it", [rawSan(uriHex(`${uri}\n`))]],
    ["a NUL after it", [rawSan(uriHex(`${uri}\0.example`))]],
    ["a name of an unknown kind", [rawSan("3004a4023000")]],
    ["noise", [rawSan("deadbeef")]],
    ["an empty list", [rawSan("3000")]],
  ])("gives nobody for %s", async (_title, extensions) => {
    expect(identityOf(await certificateWith(...extensions))).toBeUndefined();
  });

  it.each([[{}], [undefined], [null], [{ raw: Buffer.alloc(0) }], [{ raw: Buffer.from("not a certificate") }]])(
    "gives nobody for %j",
    (peer) => {
      expect(identityOf(peer)).toBeUndefined();
    },
  );
});
