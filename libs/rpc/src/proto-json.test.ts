import { fromJSON, type MessageTypeDefinition, type PackageDefinition } from "@grpc/proto-loader";
import { expect, it } from "vitest";
import { loadProtos } from "./load-protos.ts";
import { protoJson } from "./proto-json.ts";

/** Everything in a definition that says what goes over the wire, without the functions. */
function shapes(definition: PackageDefinition): Readonly<Record<string, unknown>> {
  const shape = (one: PackageDefinition[string]): unknown => {
    if ("format" in one) return { format: one.format, type: one.type };
    return Object.fromEntries(
      Object.entries(one).map(([name, { path, requestStream, responseStream, requestType, responseType }]) => {
        const [request, response] = [requestType, responseType].map((type) => (type as MessageTypeDefinition<object, object>).type);
        return [name, { path, requestStream, responseStream, request, response }];
      }),
    );
  };
  return Object.fromEntries(Object.entries(definition).map(([name, one]) => [name, shape(one)]));
}

it("the protos as JSON describe the same messages and services as the files", () => {
  const options = { longs: String, enums: String, defaults: true, oneofs: true } as const;
  const embedded = fromJSON(JSON.parse(JSON.stringify(protoJson())) as never, options);
  const loaded = loadProtos(options);
  expect(Object.keys(loaded)).toContain("treeline.v1.AgentService");
  expect(shapes(embedded)).toEqual(shapes(loaded));
});
