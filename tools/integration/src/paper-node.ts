import { readFile } from "node:fs/promises";
import { request, type Agent } from "node:https";
import path from "node:path";
import { createKeyAndRequest, parseEnrollmentToken } from "@treeline/pki";
import { createSessionClient, type SessionClient } from "@treeline/rpc";
import type { DemoFleet, Machine } from "@treeline/testkit";

/** A certificate with its key, and what to check the server's with. */
export interface Credentials {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** A node that has only its certificate: what somebody holds who speaks the protocol without an agent. */
export interface PaperNode extends Credentials {
  readonly nodeId: string;
  readonly csrPem: string;
}

/** Enrolls with a token as an agent does; with `again`, as one does whose answer was lost. */
export async function enroll(
  fleet: DemoFleet,
  token: string,
  hostname: string,
  again?: Pick<PaperNode, "keyPem" | "csrPem">,
): Promise<PaperNode> {
  const { keyPem, csrPem } = again ?? (await createKeyAndRequest());
  const { secret } = parseEnrollmentToken(token);
  const { nodeId, certificatePem, caPem } = await fleet.operator.clients.enrollment.enroll({ secret, csrPem, hostname, machineId: "" });
  return { nodeId, csrPem, keyPem, certPem: certificatePem, caPem };
}

/** The identity that a machine's agent keeps. */
export async function credentialsOf(machine: Machine): Promise<Credentials> {
  const read = (name: string): Promise<string> => readFile(path.join(machine.varDirectory, "lib/treeline/pki", name), "utf8");
  const [caPem, certPem, keyPem] = await Promise.all([read("ca.crt"), read("node.crt"), read("node.key")]);
  return { caPem, certPem, keyPem };
}

export function sessionClient(fleet: DemoFleet, credentials: Credentials): SessionClient {
  return createSessionClient({ endpoint: `127.0.0.1:${fleet.server.sessionsPort}`, ...credentials });
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export interface ContentRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The authority that signed the server's certificate. */
  readonly caPem: string;
  /** Absent: no client certificate is shown. */
  readonly as?: Pick<Credentials, "certPem" | "keyPem">;
  /** Keeps connections, to ask twice over one. */
  readonly agent?: Agent;
}

/** One request to the HTTPS listener; the path goes out as it is written. */
export function askContent(
  fleet: DemoFleet,
  { path: wanted, method = "GET", headers = {}, caPem, as, agent }: ContentRequest,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const identity = as === undefined ? {} : { cert: as.certPem, key: as.keyPem };
    const call = request(
      { host: "127.0.0.1", port: fleet.server.httpsPort, path: wanted, method, headers, ca: caPem, ...identity, agent: agent ?? false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
      },
    );
    call.on("error", reject);
    call.end();
  });
}
