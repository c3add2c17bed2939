import { AUDIO_INDEX, indexOf, type StreamPlan, sequenceOf } from "./stream-plan.ts";

/** Chunks older than what neighbors keep are told apart from newer ones by this much, in ms. */
const MARGIN_MS = 2500;

/**
 * Which blocks each peer has, has asked for and has told its neighbors of: a ring of chunks per peer,
 * a chunk being one integer with a bit for each block.
 */
export class Holdings {
  /** Chunks in a ring: a power of two. */
  readonly ring: number;
  readonly held: Int32Array;
  /** Asked of somebody and not answered. */
  readonly asked: Int32Array;
  readonly heardAtMs: Float32Array;
  /** Bit 0: video is being fetched from the origin; bit 1: audio. */
  readonly fetching: Uint8Array;
  /** Newest chunk of which something is held: of video by twice the peer, of audio one after. */
  readonly newest: Int32Array;
  readonly #publishedTop: Int32Array;
  readonly #publishedAtMs: Float32Array;
  readonly #published: Int32Array;
  /** Newest chunk the ring has a place for. */
  readonly #top: Int32Array;

  constructor(peers: number, windowMs: number, plan: StreamPlan) {
    this.ring = 2 ** Math.ceil(Math.log2((windowMs + MARGIN_MS) / plan.chunkMs));
    this.held = new Int32Array(peers * this.ring);
    this.asked = new Int32Array(peers * this.ring);
    this.heardAtMs = new Float32Array(peers * this.ring);
    this.fetching = new Uint8Array(peers * this.ring);
    this.newest = new Int32Array(2 * peers).fill(-1);
    this.#publishedTop = new Int32Array(peers).fill(-1);
    this.#publishedAtMs = new Float32Array(peers).fill(-1);
    this.#published = new Int32Array(peers * this.ring);
    this.#top = new Int32Array(peers).fill(-1);
  }

  /** Where a chunk is kept, older ones making room; -1 when it is older than all that are kept. */
  place(peer: number, sequence: number): number {
    const top = this.#top[peer] as number;
    const { ring } = this;
    if (sequence <= top - ring) return -1;
    const base = peer * ring;
    if (sequence > top) {
      for (let at = Math.max(top + 1, sequence - ring + 1); at <= sequence; at++) {
        const place = base + (at & (ring - 1));
        this.held[place] = 0;
        this.asked[place] = 0;
        this.heardAtMs[place] = 0;
        this.fetching[place] = 0;
      }
      this.#top[peer] = sequence;
    }
    return base + (sequence & (ring - 1));
  }

  has(peer: number, key: number): boolean {
    return ((this.heldOf(peer, sequenceOf(key)) >>> indexOf(key)) & 1) === 1;
  }

  heldOf(peer: number, sequence: number): number {
    const top = this.#top[peer] as number;
    if (sequence > top || sequence <= top - this.ring) return 0;
    return this.held[peer * this.ring + (sequence & (this.ring - 1))] as number;
  }

  /** @returns False when the block is there already, or too old to be kept. */
  add(peer: number, key: number): boolean {
    const sequence = sequenceOf(key);
    const index = indexOf(key);
    const place = this.place(peer, sequence);
    if (place < 0) return false;
    const held = this.held[place] as number;
    if (((held >>> index) & 1) === 1) return false;
    this.held[place] = held | (1 << index);
    const track = 2 * peer + (index === AUDIO_INDEX ? 1 : 0);
    if (sequence > (this.newest[track] as number)) this.newest[track] = sequence;
    return true;
  }

  /** Neighbors learn what is held now. */
  publish(peer: number, nowMs: number): void {
    const base = peer * this.ring;
    this.#published.set(this.held.subarray(base, base + this.ring), base);
    this.#publishedTop[peer] = this.#top[peer] as number;
    this.#publishedAtMs[peer] = nowMs;
  }

  /**
   * Blocks of a chunk that a neighbor knows this peer to have, as bits: by the last news, or, until the
   * next one, by what it was told when they met.
   * @param metAtMs When the two met.
   */
  toldOf(peer: number, sequence: number, metAtMs: number): number {
    if ((this.#publishedAtMs[peer] as number) < metAtMs) return this.heldOf(peer, sequence);
    const top = this.#publishedTop[peer] as number;
    if (sequence > top || sequence <= top - this.ring) return 0;
    return this.#published[peer * this.ring + (sequence & (this.ring - 1))] as number;
  }

  hasTold(peer: number, key: number, metAtMs: number): boolean {
    return ((this.toldOf(peer, sequenceOf(key), metAtMs) >>> indexOf(key)) & 1) === 1;
  }

  /** Newest chunk that a neighbor knows of from this peer, -1 for none. */
  newestTold(peer: number, metAtMs: number): number {
    const isNew = (this.#publishedAtMs[peer] as number) < metAtMs;
    return (isNew ? this.#top : this.#publishedTop)[peer] as number;
  }
}
