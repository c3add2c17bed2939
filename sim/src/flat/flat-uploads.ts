import { Buckets } from "./buckets.ts";
import { KIND, packed } from "./events.ts";
import type { FlatWorld } from "./flat-world.ts";
import { NO_TICK } from "./timing-wheel.ts";

/** As in mesh/src/upload-queue.ts, by the same names. */
const PUSH_PATIENCE_MS = 1500;
const BURST_MS = 60;
const LEAST_BURST_BYTES = 32 * 1024;
const BATCH = 4;
const PAUSE_MS = 4;
const DELAY_GAIN = 0.05;

const NONE = -1;

/**
 * Blocks on their way out of each peer, at its pace: mesh/src/upload-queue.ts for all peers. Two
 * queues a peer, pushes before answers, as lists through rows of typed arrays.
 */
export class FlatUploads {
  readonly pushDelayMs: Float32Array;
  /** Message bytes of blocks sent. */
  readonly sentBytes: Float64Array;
  readonly #world: FlatWorld;
  readonly #bucket: Buckets;
  readonly #timers: Int32Array;
  /** Of pushes by twice the peer, of answers one after. */
  readonly #heads: Int32Array;
  readonly #tails: Int32Array;
  #next = new Int32Array(1024);
  #slots = new Int32Array(1024);
  #keys = new Int32Array(1024);
  #queuedAtMs = new Float32Array(1024);
  #free = NONE;
  #used = 0;

  constructor(world: FlatWorld) {
    const peers = world.peers.capacity;
    this.#world = world;
    this.pushDelayMs = new Float32Array(peers);
    this.sentBytes = new Float64Array(peers);
    this.#bucket = new Buckets(peers);
    this.#timers = new Int32Array(peers).fill(NO_TICK);
    this.#heads = new Int32Array(2 * peers).fill(NONE);
    this.#tails = new Int32Array(2 * peers).fill(NONE);
  }

  push(peer: number, slot: number, key: number): void {
    this.#append(2 * peer, slot, key);
  }

  answer(peer: number, slot: number, key: number): void {
    if (this.#has(2 * peer, slot, key) || this.#has(2 * peer + 1, slot, key)) return;
    this.#append(2 * peer + 1, slot, key);
  }

  cancel(peer: number, slot: number, key: number): void {
    this.#keep(2 * peer, (node) => this.#slots[node] !== slot || this.#keys[node] !== key);
    this.#keep(2 * peer + 1, (node) => this.#slots[node] !== slot || this.#keys[node] !== key);
  }

  neighborGone(peer: number, slot: number): void {
    this.#keep(2 * peer, (node) => this.#slots[node] !== slot);
    this.#keep(2 * peer + 1, (node) => this.#slots[node] !== slot);
  }

  timer(peer: number): void {
    if (this.#timers[peer] !== this.#world.wheel.tick) return;
    this.#timers[peer] = NO_TICK;
    this.drain(peer);
  }

  /** Hand to the links what may go now, and look again when more may. */
  drain(peer: number): void {
    const { wheel, uplinks } = this.#world;
    if (this.#timers[peer] !== NO_TICK || this.#isEmpty(peer)) return;
    const { nowMs } = wheel;
    const paceBps = uplinks.paceBps(peer);
    const burstBytes = Math.max(LEAST_BURST_BYTES, (paceBps * BURST_MS) / 8000);
    let tokens = this.#bucket.fill(peer, paceBps, burstBytes, nowMs);
    if (tokens <= 0) return this.#wake(peer, ((1 - tokens) * 8000) / paceBps);
    const busyForMs = uplinks.busyForMs(peer);
    if (busyForMs > 0) return this.#wake(peer, busyForMs);
    this.#giveUpOld(peer, nowMs);
    for (let sent = 0; sent < BATCH && tokens > 0; sent++) {
      const bytes = this.#sendNext(peer, nowMs);
      if (bytes === 0) return;
      tokens -= bytes;
      this.#bucket.take(peer, bytes);
    }
    if (!this.#isEmpty(peer)) this.#wake(peer, tokens > 0 ? 0 : ((1 - tokens) * 8000) / paceBps);
  }

  #wake(peer: number, inMs: number): void {
    const { wheel } = this.#world;
    const atMs = wheel.nowMs + Math.max(PAUSE_MS, inMs);
    this.#timers[peer] = wheel.push(atMs, packed(KIND.drainTimer, peer), 0, 0);
  }

  /** @returns The bytes sent, 0 when nothing waits. */
  #sendNext(peer: number, nowMs: number): number {
    const { network, uplinks, plan } = this.#world;
    const isPush = this.#heads[2 * peer] !== NONE;
    const queue = isPush ? 2 * peer : 2 * peer + 1;
    const node = this.#heads[queue] as number;
    if (node === NONE) return 0;
    const slot = this.#slots[node] as number;
    const key = this.#keys[node] as number;
    if (isPush) {
      const waitedMs = nowMs - (this.#queuedAtMs[node] as number);
      const before = this.pushDelayMs[peer] as number;
      this.pushDelayMs[peer] = before + DELAY_GAIN * (waitedMs - before);
    }
    this.#removeHead(queue);
    const bytes = plan.blockBytes[key] as number;
    this.sentBytes[peer] = (this.sentBytes[peer] as number) + bytes;
    uplinks.noteSent(peer, bytes);
    network.sendBlock(isPush ? KIND.push : KIND.answer, slot, key, bytes);
    return bytes;
  }

  #giveUpOld(peer: number, nowMs: number): void {
    for (;;) {
      const node = this.#heads[2 * peer] as number;
      if (node === NONE || nowMs - (this.#queuedAtMs[node] as number) < PUSH_PATIENCE_MS) return;
      this.#removeHead(2 * peer);
    }
  }

  #isEmpty(peer: number): boolean {
    return this.#heads[2 * peer] === NONE && this.#heads[2 * peer + 1] === NONE;
  }

  #has(queue: number, slot: number, key: number): boolean {
    let node = this.#heads[queue] as number;
    for (; node !== NONE; node = this.#next[node] as number) {
      if (this.#slots[node] === slot && this.#keys[node] === key) return true;
    }
    return false;
  }

  #append(queue: number, slot: number, key: number): void {
    const node = this.#take();
    this.#slots[node] = slot;
    this.#keys[node] = key;
    this.#queuedAtMs[node] = this.#world.wheel.nowMs;
    this.#link(queue, node);
  }

  #link(queue: number, node: number): void {
    const tail = this.#tails[queue] as number;
    this.#next[node] = NONE;
    this.#tails[queue] = node;
    if (tail === NONE) this.#heads[queue] = node;
    else this.#next[tail] = node;
  }

  #removeHead(queue: number): void {
    const node = this.#heads[queue] as number;
    const next = this.#next[node] as number;
    this.#heads[queue] = next;
    if (next === NONE) this.#tails[queue] = NONE;
    this.#next[node] = this.#free;
    this.#free = node;
  }

  #keep(queue: number, isKept: (node: number) => boolean): void {
    let node = this.#heads[queue] as number;
    this.#heads[queue] = NONE;
    this.#tails[queue] = NONE;
    while (node !== NONE) {
      const next = this.#next[node] as number;
      if (isKept(node)) this.#link(queue, node);
      else {
        this.#next[node] = this.#free;
        this.#free = node;
      }
      node = next;
    }
  }

  #take(): number {
    const node = this.#free;
    if (node !== NONE) {
      this.#free = this.#next[node] as number;
      return node;
    }
    if (this.#used === this.#next.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const length = 2 * this.#next.length;
    const grown = (old: Int32Array<ArrayBuffer>) => {
      const array = new Int32Array(length);
      array.set(old);
      return array;
    };
    this.#next = grown(this.#next);
    this.#slots = grown(this.#slots);
    this.#keys = grown(this.#keys);
    const queuedAtMs = new Float32Array(length);
    queuedAtMs.set(this.#queuedAtMs);
    this.#queuedAtMs = queuedAtMs;
  }
}
