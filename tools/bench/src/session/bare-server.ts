/**
 * The peer: the smallest gRPC server that could stand where the sessions listener stands. The same path, the same TLS and listener options,
 * every client known by its certificate; it sends each message back as the bytes that came, and knows nothing about them.
 */
import { Server, type ServerDuplexStream, type ServiceDefinition } from "@grpc/grpc-js";
import { listenerCredentials, serverOptions, services, type ListenerOptions } from "@treeline/rpc";
import { answerParent } from "../child-program.ts";

const asItIs = (bytes: Buffer): Buffer => bytes;
const echoService: ServiceDefinition = {
  echo: {
    path: services.agent.Session.path,
    requestStream: true,
    responseStream: true,
    ...{ requestSerialize: asItIs, requestDeserialize: asItIs, responseSerialize: asItIs, responseDeserialize: asItIs },
  },
};

function echo(call: ServerDuplexStream<Buffer, Buffer>): void {
  call.on("data", (bytes: Buffer) => call.write(bytes));
  call.on("end", () => call.end());
  call.on("error", () => call.end());
}

answerParent(async (tls: Required<ListenerOptions>): Promise<{ readonly port: number }> => {
  const server = new Server(serverOptions);
  server.addService(echoService, { echo });
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", listenerCredentials(tls), (error, port) => (error ? reject(error) : resolve({ port })));
  });
});
