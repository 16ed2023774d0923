import { credentials, Client, Metadata } from "@grpc/grpc-js";
import { fromServiceError, services, type RpcError } from "@treeline/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeTemporaryData, startTestServer, type TestServer } from "../test-server.ts";
import { ruleOf } from "./authorize.ts";

let server: TestServer;
let client: Client;

beforeAll(async () => {
  server = await startTestServer();
  client = new Client(server.credential.endpoint, credentials.createSsl(Buffer.from(server.credential.ca)), { "grpc.ssl_target_name_override": "localhost" });
});
afterAll(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

const { agent: _onAnotherListener, ...frontServices } = services;
const methods = Object.values(frontServices).flatMap((service) => Object.values(service).map((method) => method));
const protectedMethods = methods.filter(({ path }) => path !== "/treeline.v1.EnrollmentService/Enroll");

/** Calls a method with an empty request and this authorization header; its error. */
function refusal(path: string, header?: string): Promise<RpcError | undefined> {
  const metadata = new Metadata();
  if (header !== undefined) metadata.set("authorization", header);
  const method = methods.find((candidate) => candidate.path === path)!;
  const { promise, resolve } = Promise.withResolvers<RpcError | undefined>();
  const answered = (error: unknown): void => resolve(error ? fromServiceError(error) : undefined);
  const serialize = (value: object): Buffer => method.requestSerialize(value);
  const deserialize = (bytes: Buffer): object => method.responseDeserialize(bytes) as object;
  if (method.requestStream) client.makeClientStreamRequest(path, serialize, deserialize, metadata, answered).end();
  else if (method.responseStream) client.makeServerStreamRequest(path, serialize, deserialize, {}, metadata).on("error", answered).on("end", () => answered(undefined)).resume();
  else client.makeUnaryRequest(path, serialize, deserialize, {}, metadata, answered);
  return promise;
}

describe("access to the front listener", () => {
  it("has a rule for every method that is served there, and none for others", () => {
    expect(methods.length).toBeGreaterThan(40);
    for (const { path } of methods) expect(["anybody", "signed-in", "permitted"], path).toContain(ruleOf(path).to);
    expect(ruleOf("/treeline.v1.AgentService/Confirm")).toEqual({ to: "node" });
    for (const path of ["/treeline.v1.NodeService/DropEverything", "toString"]) expect(() => ruleOf(path)).toThrow(path);
  });

  it.each(protectedMethods.map(({ path }) => [path]))("%s is closed without a token, with a wrong one and with a malformed one", async (path) => {
    expect(await refusal(path)).toMatchObject({ status: 16, reason: "TOKEN_MISSING", remedy: expect.stringContaining("treeline login") });
    expect(await refusal(path, "Bearer tlo_wrong")).toMatchObject({ status: 16, reason: "TOKEN_UNKNOWN" });
    expect(await refusal(path, "Basic YWRtaW46")).toMatchObject({ status: 16, reason: "TOKEN_MALFORMED" });
    expect((await refusal(path, `Bearer ${server.credential.token}`))?.status).not.toBe(16);
  });

  it("takes an enrollment token's secret for no operator's token", async () => {
    const { secret } = await server.token();
    expect(await refusal("/treeline.v1.NodeService/ListNodes", `Bearer ${secret}`)).toMatchObject({ reason: "TOKEN_UNKNOWN" });
  });
});
