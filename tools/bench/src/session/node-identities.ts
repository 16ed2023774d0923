import { readFile } from "node:fs/promises";
import { createKeyAndRequest, parseEnrollmentToken } from "@treeline/pki";
import { createFrontClients } from "@treeline/rpc";
import type { ServerProcess } from "@treeline/testkit";
import { parse } from "yaml";

/** What a node shows the server. */
export interface NodeIdentity {
  readonly hostname: string;
  readonly certPem: string;
  readonly keyPem: string;
}

export interface NodeIdentities {
  readonly caPem: string;
  readonly nodes: readonly NodeIdentity[];
}

/** Enrollments under way at once. */
const enrollingAtOnce = 16;

/** Enrolls that many nodes with a server, as their agents would: a token, a key and a request of their own each. */
export async function enrollNodes(server: ServerProcess, count: number, signal: AbortSignal): Promise<NodeIdentities> {
  const { ca: caPem, token } = parse(await readFile(server.credential, "utf8")) as { readonly ca: string; readonly token: string };
  const endpoint = `127.0.0.1:${server.frontPort}`;
  const operator = createFrontClients({ endpoint, caPem, token });
  const front = createFrontClients({ endpoint, caPem });
  try {
    const { secret } = parseEnrollmentToken((await operator.enrollment.createToken({ name: "bench", ttlSeconds: 3600 }, { signal })).token);
    const hostnames = Array.from({ length: count }, (_, index) => `bench-${index}`).values();
    const nodes: NodeIdentity[] = [];
    const worker = async (): Promise<void> => {
      for (const hostname of hostnames) {
        const { keyPem, csrPem } = await createKeyAndRequest();
        const { certificatePem } = await front.enrollment.enroll({ secret, csrPem, hostname, machineId: hostname }, { signal, deadlineMillis: 60_000 });
        nodes.push({ hostname, certPem: certificatePem, keyPem });
      }
    };
    await Promise.all(Array.from({ length: enrollingAtOnce }, worker));
    return { caPem, nodes };
  } finally {
    operator.close();
    front.close();
  }
}
