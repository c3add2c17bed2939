import type { Block, PeerId } from "#protocol";
import { blockKey } from "./block-key.ts";
import { TokenBucket } from "./token-bucket.ts";

export type Upload = { to: PeerId; block: Block; isRequested: boolean; queuedAtMs: number };

/** What the queue asks about the way out. */
export type UploadPace = {
  readonly budgetBps: number;
  /** For so long the links have enough to do, in ms: what waits with us can still be canceled or
   * given up. */
  readonly busyForMs: number;
  isCongested(peer: PeerId): boolean;
};

/** A push that waited this long comes too late to help: the child has asked elsewhere. */
const PUSH_PATIENCE_MS = 1500;
/** Let through at once: as much as the uplink takes in this time, in ms, but a block at least. */
const BURST_MS = 60;
const LEAST_BURST_BYTES = 32 * 1024;
/** Handed to the links at once, unless the uplink takes more in a pause, and the bounds of the pause before the next look at how they get on, in
 * ms. Ten tabs that looked every 4 ms while their machine had no time to send kept it from sending. */
const BATCH = 4;
const PAUSE_MS = 4;
const PAUSE_MAX_MS = 20;
/** A block of a chunk that has several. */
const BLOCK_BYTES = 8 * 1024;
const DELAY_GAIN = 0.05;
const NOTHING: readonly Upload[] = [];

/**
 * Blocks on their way out, within the uplink's budget: pushes one after another, so that the first
 * child relays while others still wait, and what was requested in the time that is left. If requests
 * went first, a swarm that is late would ask, be later for it, and ask more.
 */
export class UploadQueue {
  readonly #pace: UploadPace;
  readonly #queueBytesMax: number;
  readonly #bucket: TokenBucket;
  readonly #bytesFor = new Map<PeerId, number>();
  #requested: Upload[] = [];
  #pushed: Upload[] = [];
  #pushDelayMs = 0;

  /** @param queueBytesMax What may wait for one neighbor. */
  constructor(pace: UploadPace, queueBytesMax: number) {
    this.#pace = pace;
    this.#queueBytesMax = queueBytesMax;
    this.#bucket = new TokenBucket(pace.budgetBps, LEAST_BURST_BYTES);
  }

  /** How long pushes wait here, in ms, on average over some dozens. */
  get pushDelayMs(): number {
    return this.#pushDelayMs;
  }

  /** What goes out before anything that was requested. */
  get pushedBytes(): number {
    return this.#pushed.reduce((sum, { block }) => sum + block.bytes.length, 0);
  }

  /** A block that waits for this neighbor already is not sent twice.
   * @returns False when too much is waiting for this neighbor already. */
  add(upload: Upload): boolean {
    if (upload.isRequested) {
      const key = keyOf(upload.block);
      const isSame = (other: Upload) => other.to === upload.to && keyOf(other.block) === key;
      if (this.#requested.some(isSame) || this.#pushed.some(isSame)) return true;
    }
    const bytes = this.#bytesFor.get(upload.to) ?? 0;
    if (bytes + upload.block.bytes.length > this.#queueBytesMax) return false;
    this.#bytesFor.set(upload.to, bytes + upload.block.bytes.length);
    (upload.isRequested ? this.#requested : this.#pushed).push(upload);
    return true;
  }

  cancel(to: PeerId, track: number, sequence: number, index: number): void {
    const key = blockKey(track, sequence, index);
    const isOther = (upload: Upload) => upload.to !== to || keyOf(upload.block) !== key;
    this.#keep(isOther);
  }

  removePeer(peer: PeerId): void {
    if (this.#bytesFor.has(peer)) this.#keep((upload) => upload.to !== peer);
    this.#bytesFor.delete(peer);
  }

  /** What may go now. Neighbors whose link is congested keep waiting; the others pass them. */
  drain(nowMs: number): readonly Upload[] {
    if (this.#requested.length === 0 && this.#pushed.length === 0) return NOTHING;
    const { budgetBps } = this.#pace;
    const burstBytes = Math.max(LEAST_BURST_BYTES, (budgetBps * BURST_MS) / 8000);
    this.#bucket.setRate(budgetBps, nowMs, burstBytes);
    if (this.#bucket.readyAtMs(nowMs) > nowMs || this.#pace.busyForMs > 0) return NOTHING;
    const oldest = this.#pushed[0];
    if (oldest !== undefined && nowMs - oldest.queuedAtMs >= PUSH_PATIENCE_MS) {
      this.#keep((upload) => upload.isRequested || nowMs - upload.queuedAtMs < PUSH_PATIENCE_MS);
    }
    const inPauseBytes = (budgetBps * PAUSE_MS) / 8000;
    const batch = Math.max(BATCH, Math.ceil(inPauseBytes / BLOCK_BYTES));
    const sent: Upload[] = [];
    while (this.#bucket.readyAtMs(nowMs) <= nowMs && sent.length < batch) {
      const upload = this.#take(this.#pushed) ?? this.#take(this.#requested);
      if (upload === undefined) break;
      this.#bucket.take(upload.block.bytes.length, nowMs);
      this.#release(upload);
      sent.push(upload);
      const waitedMs = nowMs - upload.queuedAtMs;
      if (!upload.isRequested) this.#pushDelayMs += DELAY_GAIN * (waitedMs - this.#pushDelayMs);
    }
    return sent;
  }

  /** The first whose link has room, taken out. */
  #take(uploads: Upload[]): Upload | undefined {
    const at = uploads.findIndex((upload) => !this.#isCongested(upload.to));
    return at < 0 ? undefined : uploads.splice(at, 1)[0];
  }

  /** When `drain` may have something again; congested links report by themselves. */
  wakeAtMs(nowMs: number): number {
    if (this.#requested.length === 0 && this.#pushed.length === 0) return Number.POSITIVE_INFINITY;
    const isWaiting = (upload: Upload) => !this.#isCongested(upload.to);
    if (!this.#requested.some(isWaiting) && !this.#pushed.some(isWaiting)) {
      return Number.POSITIVE_INFINITY;
    }
    const pauseMs = Math.min(Math.max(PAUSE_MS, this.#pace.busyForMs), PAUSE_MAX_MS);
    return Math.max(nowMs + pauseMs, this.#bucket.readyAtMs(nowMs));
  }

  #isCongested(peer: PeerId): boolean {
    return this.#pace.isCongested(peer);
  }

  #keep(isKept: (upload: Upload) => boolean): void {
    const keep = (upload: Upload): boolean => {
      if (isKept(upload)) return true;
      this.#release(upload);
      return false;
    };
    this.#requested = this.#requested.filter(keep);
    this.#pushed = this.#pushed.filter(keep);
  }

  #release(upload: Upload): void {
    const bytes = this.#bytesFor.get(upload.to) ?? 0;
    this.#bytesFor.set(upload.to, Math.max(0, bytes - upload.block.bytes.length));
  }
}

function keyOf(block: Block): number {
  return blockKey(block.track, block.sequence, block.index);
}
