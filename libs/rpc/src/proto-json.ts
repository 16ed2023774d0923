import { accessSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join } from "node:path";
import { protoFolder, protoNames } from "./load-protos.ts";

/** The part of protobufjs that is used here. */
interface Root {
  resolvePath(origin: string, target: string): string | null;
  loadSync(names: readonly string[]): Root;
  resolveAll(): Root;
  toJSON(): Readonly<Record<string, unknown>>;
}

/**
 * Every proto of the checkout in the JSON of protobufjs, which proto-loader's `fromJSON` takes: for an executable that carries them inside
 * itself. Taken apart by the protobufjs of proto-loader, so that the JSON is in the form which that very version reads.
 */
export function protoJson(): Readonly<Record<string, unknown>> {
  const fromLoader = createRequire(createRequire(import.meta.url).resolve("@grpc/proto-loader"));
  const { Root } = fromLoader("protobufjs") as { readonly Root: new () => Root };
  const root = new Root();
  root.resolvePath = (_origin, target) => (isAbsolute(target) ? target : found(target));
  return root.loadSync(protoNames()).resolveAll().toJSON();
}

function found(name: string): string {
  const [ours, ofOthers] = [join(protoFolder, name), join(protoFolder, "third_party", name)];
  try {
    accessSync(ours);
    return ours;
  } catch {
    return ofOthers;
  }
}
