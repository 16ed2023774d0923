import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Authority, createKeyAndRequest, openAuthority } from "@treeline/pki";

/** Support for this app's tests: a directory that goes away, and a fleet's authority with certificates for its server and one node. */

export async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "treeline-agent-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface TestFleet extends AsyncDisposable {
  readonly authority: Authority;
  readonly nodeId: string;
  /** The server's, for 127.0.0.1. */
  readonly server: { readonly certPem: string; readonly keyPem: string };
  /** The node's. */
  readonly tls: { readonly caPem: string; readonly certPem: string; readonly keyPem: string };
}

export async function testFleet(): Promise<TestFleet> {
  const directory = await temporaryDirectory();
  const authority = await openAuthority(directory.path);
  const nodeId = randomUUID();
  const { keyPem, csrPem } = await createKeyAndRequest();
  const { certPem } = await authority.issueNode({ csrPem, nodeId });
  const server = await authority.issueServer({ dnsNames: [], ipAddresses: ["127.0.0.1"] });
  return { authority, nodeId, server, tls: { caPem: authority.caPem, certPem, keyPem }, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}
