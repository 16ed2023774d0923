import { stat, statfs } from "node:fs/promises";
import type { FileSystemSpace } from "@treeline/fleet";

/** Reads how full the file system is that holds `path`, statfs(2). Rejects when there is no such path. */
export async function readSpace(path: string): Promise<FileSystemSpace> {
  const { bsize, blocks, bfree, files, ffree } = await statfs(path);
  const { dev } = await stat(path);
  return { path, device: String(dev), totalBytes: blocks * bsize, freeBytes: bfree * bsize, totalInodes: files, freeInodes: ffree };
}
