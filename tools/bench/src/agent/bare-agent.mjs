// The peer: the least that could stay in touch with a server. One grpc-js stream over mutual TLS, a message of a heartbeat's size every few seconds, and the
// answers thrown away. JavaScript, not TypeScript: Node's type stripping would cost it memory that the agent does not pay. No protobuf, no logging.
// Usage: bare-agent.mjs FILE with {endpoint, caPem, certPem, keyPem, path, everyMillis, message}; prints "answered" when the first answer is there.
import { readFileSync } from "node:fs";
import { Client, credentials } from "@grpc/grpc-js";

const { endpoint, caPem, certPem, keyPem, path, everyMillis, message } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const asItIs = (bytes) => bytes;
const tls = credentials.createSsl(Buffer.from(caPem), Buffer.from(keyPem), Buffer.from(certPem));
const call = new Client(endpoint, tls).makeBidiStreamRequest(path, asItIs, asItIs);
call.once("data", () => process.stdout.write("answered\n"));
call.on("data", () => {});
call.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
const beat = () => call.write(Buffer.from(message, "base64"));
beat();
setInterval(beat, everyMillis);
