import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { builtInRoles } from "@treeline/access";
import { fromServiceError, services, type RpcError } from "@treeline/rpc";
import { afterAll, beforeAll, expect, it } from "vitest";
import { removeTemporaryData, startTestServer, type TestServer } from "../test-server.ts";

/**
 * Who may call what with a role over the whole fleet, one line for each method and route. `x`: may; `.`: may not. A method that has no line here, or a line
 * without a method, fails.
 */
const expected = `
                                     fleet-  release- oper- tenant- tenant- view- audi-
                                     admin   manager  ator  admin   member  er    tor
AccessService/WhoAmI                 x       x        x     x       x       x     x
AccessService/ListRoles              x       .        .     x       .       .     x
AccessService/PutRole                x       .        .     .       .       .     .
AccessService/RemoveRole             x       .        .     .       .       .     .
AccessService/ListBindings           x       .        .     x       .       .     x
AccessService/PutBinding             x       .        .     x       .       .     .
AccessService/RemoveBinding          x       .        .     x       .       .     .
AccessService/ListApiTokens          x       .        .     x       .       .     x
AccessService/CreateApiToken         x       .        .     x       .       .     .
AccessService/RevokeApiToken         x       .        .     x       .       .     .
AuditService/ListAudit               x       .        .     x       .       .     x
AuditService/ExportAudit             x       .        .     .       .       .     x
AuditService/GetAuditKey             x       .        .     x       .       .     x
BudgetService/PutBudget              x       .        x     .       .       .     .
BudgetService/ListBudgets            x       x        x     x       .       x     x
BudgetService/RemoveBudget           x       .        x     .       .       .     .
EnrollmentService/CreateToken        x       .        x     x       .       .     .
EnrollmentService/RevokeToken        x       .        x     x       .       .     .
EnrollmentService/ListTokens         x       .        x     x       .       .     x
NodeService/ListNodes                x       x        x     x       x       x     x
NodeService/GetNode                  x       x        x     x       x       x     x
NodeService/LabelNode                x       .        x     x       .       .     .
NodeService/RevokeNode               x       .        x     x       .       .     .
NodeService/ExplainNode              x       x        x     x       x       x     x
NodeService/WriteOffNode             x       .        x     x       .       .     .
NodeService/ClearNode                x       .        x     x       .       .     .
ReleaseService/ListReleases          x       x        x     x       x       x     x
ReleaseService/GetRelease            x       x        x     x       x       x     x
ReleaseService/ListMissingObjects    x       x        .     .       .       .     .
ReleaseService/PublishRelease        x       x        .     .       .       .     .
ReleaseService/MirrorRelease         x       x        .     .       .       .     .
ReleaseService/PublishKeyRotation    x       x        .     .       .       .     .
ReleaseService/ListKeyRotations      x       x        x     x       .       x     x
RolloutService/PlanRollout           x       x        x     x       x       x     x
RolloutService/CreateRollout         x       x        x     x       .       .     .
RolloutService/StartRollout          x       x        x     x       .       .     .
RolloutService/PauseRollout          x       x        x     x       .       .     .
RolloutService/ResumeRollout         x       x        x     x       .       .     .
RolloutService/AbortRollout          x       x        x     x       .       .     .
RolloutService/RollbackRollout       x       x        x     x       .       .     .
RolloutService/ApproveWave           x       .        x     x       .       .     .
RolloutService/RetryRollout          x       x        x     x       .       .     .
RolloutService/GetRollout            x       x        x     x       x       x     x
RolloutService/ListRollouts          x       x        x     x       x       x     x
RolloutService/ListRolloutNodes      x       x        x     x       x       x     x
RolloutService/GetRolloutHistory     x       x        x     x       x       x     x
StopService/StopAll                  x       .        x     x       .       .     .
StopService/ResumeAll                x       .        x     x       .       .     .
StopService/ListStops                x       x        x     x       x       x     x
WatchService/Watch                   x       x        x     x       x       x     x
GET /metrics                         x       .        x     x       .       x     x
`;

const roles = builtInRoles.map(({ name }) => name);
const lines = expected
  .split("\n")
  .filter((line) => line.includes("/"))
  .map((line) => ({ name: line.slice(0, 37).trim(), marks: line.slice(37).trim().split(/\s+/) }));

const { agent: _onAnotherListener, ...frontServices } = services;
const methods = Object.values(frontServices).flatMap((service) => Object.values(service).map((method) => method));
/** These carry their own proof. */
const open = ["EnrollmentService/Enroll"];
const shortOf = (path: string): string => path.slice("/treeline.v1.".length);

let server: TestServer;
let client: Client;
/** A token of each role, over the whole fleet. */
const secrets = new Map<string, string>();

beforeAll(async () => {
  server = await startTestServer();
  client = new Client(server.credential.endpoint, credentials.createSsl(Buffer.from(server.credential.ca)), { "grpc.ssl_target_name_override": "localhost" });
  for (const role of roles) {
    const { secret } = await server.front.access.createApiToken({ name: `all-${role}`, grants: [{ role, scope: "fleet" }] });
    secrets.set(role, secret!);
  }
});
afterAll(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

/** Whether a call with an empty request passes the access check, whatever comes of it then. */
async function passes(name: string, secret: string): Promise<boolean> {
  if (name === "GET /metrics") {
    const { Agent, request } = await import("node:https");
    const url = `${server.credential.contentEndpoint}/metrics`;
    const status = await new Promise<number>((resolve, reject) =>
      request(url, { agent: new Agent({ ca: server.credential.ca }), headers: { authorization: `Bearer ${secret}` } }, (response) => (response.resume(), resolve(response.statusCode!))).on("error", reject).end(),
    );
    expect([200, 403]).toContain(status);
    return status === 200;
  }
  const error = await answerOf(`/treeline.v1.${name}`, secret);
  // UNAUTHENTICATED would say nothing of the role.
  expect(error?.status, name).not.toBe(16);
  return error?.reason !== "NOT_ALLOWED";
}

function answerOf(path: string, secret: string): Promise<RpcError | undefined> {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${secret}`);
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

it("the table has a line for every method that asks who calls, and no other", () => {
  const served = methods.map(({ path }) => shortOf(path)).filter((name) => !open.includes(name));
  expect(lines.map(({ name }) => name).filter((name) => !name.startsWith("GET "))).toEqual([...served].sort((a, b) => served.indexOf(a) - served.indexOf(b)));
  for (const { name, marks } of lines) expect(marks.length, name).toBe(roles.length);
});

it.each(lines)("$name", async ({ name, marks }) => {
  const seen: string[] = [];
  for (const role of roles) seen.push((await passes(name, secrets.get(role)!)) ? "x" : ".");
  expect(seen.join(" ")).toBe(marks.join(" "));
});
