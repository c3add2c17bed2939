import type { PeerTraits } from "../population.ts";

/** Every peer there ever is, in order of joining: its machine and its place. The seeder is peer 0. */
export class FlatPeers {
  readonly capacity: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly isHardNat: Uint8Array;
  readonly isGone: Uint8Array;
  readonly joinedAtMs: Float32Array;
  readonly leftAtMs: Float32Array;
  readonly uplinkBps: Float64Array;
  readonly downlinkBps: Float64Array;
  readonly sentBytes: Float64Array;
  #count = 0;
  #aliveCount = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.x = new Float32Array(capacity);
    this.y = new Float32Array(capacity);
    this.isHardNat = new Uint8Array(capacity);
    this.isGone = new Uint8Array(capacity);
    this.joinedAtMs = new Float32Array(capacity);
    this.leftAtMs = new Float32Array(capacity).fill(Number.POSITIVE_INFINITY);
    this.uplinkBps = new Float64Array(capacity);
    this.downlinkBps = new Float64Array(capacity);
    this.sentBytes = new Float64Array(capacity);
  }

  /** Peers so far, those who left included. */
  get count(): number {
    return this.#count;
  }

  /** Viewers that are there. */
  get aliveCount(): number {
    return this.#aliveCount;
  }

  add(traits: PeerTraits, nowMs: number): number {
    const peer = this.#count++;
    if (peer > 0) this.#aliveCount++;
    this.x[peer] = traits.x;
    this.y[peer] = traits.y;
    this.isHardNat[peer] = traits.isHardNat ? 1 : 0;
    this.joinedAtMs[peer] = nowMs;
    this.uplinkBps[peer] = traits.uplinkBps;
    this.downlinkBps[peer] = traits.downlinkBps;
    return peer;
  }

  leave(viewer: number, nowMs: number): void {
    this.isGone[viewer] = 1;
    this.leftAtMs[viewer] = nowMs;
    this.#aliveCount--;
  }

  slowDown(viewer: number, factor: number): void {
    this.uplinkBps[viewer] = (this.uplinkBps[viewer] as number) * factor;
  }

  /** The viewer that came last but so many, of those who are there. */
  newestAlive(butSoMany: number): number {
    let viewer = this.#count - 1;
    for (let left = butSoMany; viewer > 1; viewer--) {
      if (this.isAlive(viewer) && left-- === 0) break;
    }
    return viewer;
  }

  isAlive(peer: number): boolean {
    return this.isGone[peer] === 0;
  }

  aliveViewers(): number[] {
    const alive: number[] = [];
    for (let peer = 1; peer < this.#count; peer++) if (this.isAlive(peer)) alive.push(peer);
    return alive;
  }
}
