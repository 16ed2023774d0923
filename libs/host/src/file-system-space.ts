import { stat, statfs } from "node:fs/promises";

/** How full a file system is. */
export interface FileSystemSpace {
  /** Where it was looked at. */
  readonly path: string;
  /** Same text, same file system. */
  readonly device: string;
  readonly totalBytes: number;
  /** For root: what is set aside for root alone is counted as free. */
  readonly freeBytes: number;
  /** 0: this file system makes inodes as it needs them. */
  readonly totalInodes: number;
  readonly freeInodes: number;
}

/** Reads how full the file system is that holds `path`, statfs(2). Rejects when there is no such path. */
export async function readSpace(path: string): Promise<FileSystemSpace> {
  const { bsize, blocks, bfree, files, ffree } = await statfs(path);
  const { dev } = await stat(path);
  return { path, device: String(dev), totalBytes: blocks * bsize, freeBytes: bfree * bsize, totalInodes: files, freeInodes: ffree };
}
