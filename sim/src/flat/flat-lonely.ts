import { KIND, packed } from "./events.ts";
import type { FlatWorld } from "./flat-world.ts";
import { AUDIO_BIT } from "./stream-plan.ts";

/** As in mesh/src/lonely.ts, by the same names. */
const ALONE_AFTER_MS = 1000;
const SILENT_AFTER_MS = 500;
const MESH_GRACE_MS = 250;
const SPREAD_MS = 250;
const FETCHES_WHEN_ALONE = 2;
const RETRY_MS = 500;
/** How much before its end a chunk is asked for by a peer alone, in ms. */
const AHEAD_MS = 20;
/** There and back to the origin, in ms, as in ../simulation.ts, and how often it looks for what is not there yet. */
const ORIGIN_MS = 40;
const ORIGIN_LOOKS_MS = 50;

const NEVER = Number.POSITIVE_INFINITY;

/** Plays from the origin while the mesh brings nothing: mesh/src/lonely.ts for all peers. */
export class FlatLonely {
  isOriginUp = true;
  readonly #world: FlatWorld;
  readonly #aloneSinceMs: Float32Array;
  readonly #silentSinceMs: Float32Array;
  readonly #spreadMs: Float32Array;
  readonly #retryAtMs: Float32Array;

  constructor(world: FlatWorld) {
    const peers = world.peers.capacity;
    this.#world = world;
    this.#aloneSinceMs = new Float32Array(peers);
    this.#silentSinceMs = new Float32Array(peers);
    this.#spreadMs = new Float32Array(peers);
    this.#retryAtMs = new Float32Array(peers);
  }

  begin(peer: number): void {
    const { nowMs } = this.#world.wheel;
    this.#aloneSinceMs[peer] = nowMs;
    this.#silentSinceMs[peer] = nowMs;
  }

  meshDelivered(peer: number): void {
    this.#silentSinceMs[peer] = this.#world.wheel.nowMs;
  }

  /** @param mask Blocks wanted, as bits. */
  fetch(peer: number, track: number, sequence: number, mask: number): void {
    const { wheel, plan, holdings, random } = this.#world;
    const place = holdings.place(peer, sequence);
    if (place < 0 || sequence >= plan.chunkCount) return;
    holdings.fetching[place] = (holdings.fetching[place] as number) | (1 << track);
    const publishedAtMs = plan.publishedAtMs(sequence);
    const askedAtMs = wheel.nowMs + ORIGIN_MS;
    const isThere = publishedAtMs <= askedAtMs;
    const atMs = isThere ? askedAtMs : publishedAtMs + ORIGIN_LOOKS_MS * random();
    wheel.push(atMs, packed(KIND.fetched, peer), mask, 2 * sequence + track);
  }

  /** A fetch ended. @returns Whether it brought what was asked for. */
  fetched(peer: number, track: number, sequence: number): boolean {
    const { holdings, repair, random, wheel } = this.#world;
    const place = holdings.place(peer, sequence);
    if (place >= 0) holdings.fetching[place] = (holdings.fetching[place] as number) & ~(1 << track);
    if (this.isOriginUp) this.#spreadMs[peer] = SPREAD_MS * random();
    else this.#retryAtMs[peer] = wheel.nowMs + RETRY_MS;
    repair.lookWithin(peer, 0);
    return this.isOriginUp;
  }

  /** @returns When to look again. */
  housekeep(peer: number): number {
    const { links, wheel } = this.#world;
    const { nowMs } = wheel;
    const neighbors = links.count[peer] as number;
    if (neighbors > 0) this.#aloneSinceMs[peer] = nowMs;
    const aloneAtMs = (this.#aloneSinceMs[peer] as number) + ALONE_AFTER_MS;
    const isAlone = aloneAtMs <= nowMs;
    const cutOffAtMs =
      neighbors === 0 ? aloneAtMs : (this.#silentSinceMs[peer] as number) + SILENT_AFTER_MS;
    const startMs = Math.max(isAlone ? aloneAtMs : cutOffAtMs, this.#retryAtMs[peer] as number);
    if (nowMs < startMs) return startMs;
    const nextMs = Math.min(this.#fetchNext(peer, 0, isAlone), this.#fetchNext(peer, 1, isAlone));
    return Math.min(nowMs + 1000, nextMs);
  }

  #fetchNext(peer: number, track: number, isAlone: boolean): number {
    const { wheel, plan, repair, holdings } = this.#world;
    if ((holdings.newest[2 * peer + track] as number) < 0) return NEVER;
    const next = repair.nextUnheard(peer, track);
    const graceMs = isAlone ? -AHEAD_MS : MESH_GRACE_MS + (this.#spreadMs[peer] as number);
    for (let ahead = 0; ahead < (isAlone ? FETCHES_WHEN_ALONE : 1); ahead++) {
      const sequence = next + ahead;
      const place = holdings.place(peer, sequence);
      if (place < 0 || sequence >= plan.chunkCount) return NEVER;
      if ((((holdings.fetching[place] as number) >> track) & 1) === 1) continue;
      const fetchAtMs = plan.publishedAtMs(sequence) + graceMs;
      if (fetchAtMs > wheel.nowMs) return fetchAtMs;
      const mask = track === 1 ? AUDIO_BIT : (plan.videoMask[sequence] as number);
      this.fetch(peer, track, sequence, mask);
    }
    return NEVER;
  }
}
