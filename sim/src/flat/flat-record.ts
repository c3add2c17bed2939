import { Histogram, NEVER_MS } from "../measure.ts";
import type { FlatPeers } from "./flat-peers.ts";
import type { StreamPlan } from "./stream-plan.ts";
import type { TimingWheel } from "./timing-wheel.ts";

/** A newcomer's first seconds are not measured, in ms: as in ../simulation.ts. */
const SETTLED_MS = 5000;

/** What viewers got, and when. */
export class FlatRecord {
  readonly delays = new Histogram();
  /** Age of each chunk when it was complete: video of all chunks by peer, then audio. */
  readonly ageMs: Uint16Array;
  /** From joining to the first picture; negative before. */
  readonly startupMs: Float32Array;
  readonly firstSequence: Int32Array;
  receivedBytes = 0;
  duplicateBytes = 0;
  originBytes = 0;
  blocks = 0;
  repaired = 0;
  hash = 0x811c9dc5;
  readonly #peers: FlatPeers;
  readonly #plan: StreamPlan;
  readonly #wheel: TimingWheel;
  readonly #measureFromMs: number;

  constructor(peers: FlatPeers, plan: StreamPlan, wheel: TimingWheel, measureFromMs: number) {
    this.#peers = peers;
    this.#plan = plan;
    this.#wheel = wheel;
    this.#measureFromMs = measureFromMs;
    this.ageMs = new Uint16Array(2 * peers.capacity * plan.chunkCount).fill(NEVER_MS);
    this.startupMs = new Float32Array(peers.capacity).fill(-1);
    this.firstSequence = new Int32Array(peers.capacity).fill(-1);
  }

  /** Where a viewer's chunks of a track begin in `ageMs`. */
  firstAge(peer: number, track: number): number {
    return (2 * peer + track) * this.#plan.chunkCount;
  }

  received(bytes: number): void {
    this.receivedBytes += bytes;
    this.blocks++;
  }

  accepted(peer: number, sequence: number): void {
    const publishedAtMs = this.#plan.publishedAtMs(sequence);
    if (publishedAtMs < this.#measureFromMs) return;
    const { nowMs } = this.#wheel;
    if ((this.#peers.joinedAtMs[peer] as number) + SETTLED_MS >= nowMs) return;
    this.delays.add(nowMs - publishedAtMs);
  }

  delivered(peer: number, track: number, sequence: number): void {
    const { nowMs } = this.#wheel;
    const ageMs = nowMs - this.#plan.sourceTimeMs(sequence);
    this.ageMs[this.firstAge(peer, track) + sequence] = Math.min(NEVER_MS - 1, Math.round(ageMs));
    const isFirst = (this.startupMs[peer] as number) < 0;
    if (track === 0 && isFirst && this.#plan.segmentStart(sequence) === sequence) {
      this.startupMs[peer] = nowMs - (this.#peers.joinedAtMs[peer] as number);
      this.firstSequence[peer] = sequence;
    }
    this.#mix(2 * sequence + track);
    this.#mix(peer);
    this.#mix(this.#wheel.tick);
  }

  /** FNV-1a, a number at a time. */
  #mix(value: number): void {
    this.hash = Math.imul(this.hash ^ value, 0x01000193) >>> 0;
  }
}
