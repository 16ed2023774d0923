/** How often something may be done: `perSecond` in the long run, `burst` at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface TokenBucketsOptions extends Rate {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** At most so many keys are remembered; default 10,000. */
  readonly maxKeys?: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Token buckets by key: an address, a principal. INVARIANT: memory is bounded by `maxKeys`. When there are more, the one unused for longest is
 * forgotten, that is, full again: somebody with ten thousand addresses gets ten thousand bursts, and never the memory.
 */
export class TokenBuckets {
  readonly #options: Required<TokenBucketsOptions>;
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: TokenBucketsOptions) {
    this.#options = { maxKeys: 10_000, ...options };
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one token. False, and nothing taken, when there is none. */
  take(key: string): boolean {
    const bucket = this.#filled(key);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#options.maxKeys) break;
      this.#buckets.delete(oldest);
    }
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** Whether `take` would find a token. */
  has(key: string): boolean {
    return this.#filled(key).tokens >= 1;
  }

  #filled(key: string): Bucket {
    const { now, perSecond, burst } = this.#options;
    const at = now();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at };
    const tokens = Math.min(burst, bucket.tokens + (Math.max(0, at - bucket.at) / 1_000) * perSecond);
    return Object.assign(bucket, { tokens, at: Math.max(at, bucket.at) });
  }
}
