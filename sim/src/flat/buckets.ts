/** Token buckets, one per peer, that begin full: the engine's `TokenBucket` as columns. */
export class Buckets {
  readonly #tokens: Float32Array;
  readonly #filledAtMs: Float32Array;

  constructor(peers: number) {
    this.#tokens = new Float32Array(peers).fill(Number.MAX_VALUE);
    this.#filledAtMs = new Float32Array(peers);
  }

  /** @returns The tokens there are now, in bytes. */
  fill(peer: number, rateBps: number, burstBytes: number, nowMs: number): number {
    const elapsedMs = nowMs - (this.#filledAtMs[peer] as number);
    const filled = (this.#tokens[peer] as number) + (elapsedMs * rateBps) / 8000;
    const tokens = Math.min(burstBytes, filled);
    this.#tokens[peer] = tokens;
    this.#filledAtMs[peer] = nowMs;
    return tokens;
  }

  /** Take what was found to be there; a debt of one message keeps large ones possible. */
  take(peer: number, bytes: number): void {
    this.#tokens[peer] = (this.#tokens[peer] as number) - bytes;
  }
}
