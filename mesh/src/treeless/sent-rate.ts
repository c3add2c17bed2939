import type { PeerId } from "#protocol";
import type { Neighbor } from "../neighbor.ts";

/** Weight of the newest measurement: two seconds at four a second. */
const GAIN = 0.12;

/** What neighbors get from us, in bit/s. */
export class SentRate {
  bps = 0;
  readonly #sentBytes = new Map<PeerId, number>();
  #measuredAtMs: number | undefined;

  measure(neighbors: Iterable<Neighbor>, nowMs: number): void {
    let bytes = 0;
    for (const { peer, sentBytes } of neighbors) {
      bytes += sentBytes - (this.#sentBytes.get(peer) ?? 0);
      this.#sentBytes.set(peer, sentBytes);
    }
    const elapsedMs = nowMs - (this.#measuredAtMs ?? nowMs);
    this.#measuredAtMs = nowMs;
    if (elapsedMs > 0) this.bps += GAIN * ((bytes * 8000) / elapsedMs - this.bps);
  }

  forget(peer: PeerId): void {
    this.#sentBytes.delete(peer);
  }
}
