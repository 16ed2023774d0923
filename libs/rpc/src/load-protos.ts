import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadSync, type Options, type PackageDefinition } from "@grpc/proto-loader";

/** Where the protos of a checkout lie. */
export const protoFolder = resolve(import.meta.dirname, "../../../proto");

/** Every proto of ours, as it is named in imports; those of others come along where ours import them. */
export function protoNames(): readonly string[] {
  const ours = readdirSync(join(protoFolder, "treeline/v1")).map((name) => `treeline/v1/${name}`);
  return ["google/rpc/status.proto", ...ours.sort()];
}

/**
 * Reads every proto of the checkout. The only place that knows where they lie: an executable that carries them inside itself replaces this module
 * (tools/build-agent).
 */
export function loadProtos(options: Options): PackageDefinition {
  return loadSync([...protoNames()], { ...options, includeDirs: [protoFolder, join(protoFolder, "third_party")] });
}
