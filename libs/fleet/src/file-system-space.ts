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
