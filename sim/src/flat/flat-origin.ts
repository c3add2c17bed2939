import type { FlatSwarm } from "./flat-swarm.ts";

/** As in ../origin.ts, by the same names. */
const JOIN_SHARE = 0.25;
const JOIN_BURST = 4;

/** The HTTP place blocks can be had from, and what it sends. */
export class FlatOrigin {
  readonly #swarm: Pick<FlatSwarm, "wheel" | "plan" | "peers" | "repair" | "lonely" | "blocks">;
  readonly #joinsPerMs: number;
  #joinTokens = JOIN_BURST;
  #joinTokensAtMs = 0;

  constructor(swarm: FlatSwarm) {
    this.#swarm = swarm;
    this.#joinsPerMs = JOIN_SHARE / swarm.scenario.stream.segmentMs;
  }

  /** The join response: everything from the newest key frame on, or nothing when too many ask. */
  join(peer: number): void {
    const { wheel, plan, repair, blocks, lonely } = this.#swarm;
    const elapsedMs = wheel.nowMs - this.#joinTokensAtMs;
    this.#joinTokensAtMs = wheel.nowMs;
    this.#joinTokens = Math.min(JOIN_BURST, this.#joinTokens + this.#joinsPerMs * elapsedMs);
    if (!lonely.isOriginUp || this.#joinTokens < 1) return;
    this.#joinTokens--;
    const newest = Math.floor(wheel.nowMs / plan.chunkMs);
    const start = plan.segmentStart(newest);
    repair.startAt(peer, start);
    for (let sequence = start; sequence <= newest; sequence++) {
      blocks.fetched(peer, sequence, plan.chunkMask(sequence));
    }
  }

  /** A fetch ended. @param chunk Twice the sequence, and one more for audio. */
  fetched(peer: number, chunk: number, mask: number): void {
    const { peers, lonely, blocks } = this.#swarm;
    if (!peers.isAlive(peer)) return;
    const sequence = chunk >> 1;
    if (lonely.fetched(peer, chunk & 1, sequence)) blocks.fetched(peer, sequence, mask);
  }
}
