import type { Block, PeerId } from "#protocol";
import { blockKey } from "./block-key.ts";
import { TokenBucket } from "./token-bucket.ts";

export type Upload = { to: PeerId; block: Block; isRequested: boolean; queuedAtMs: number };

/** A push that waited this long comes too late to help: the child has asked elsewhere. */
const PUSH_PATIENCE_MS = 1500;
/** Let through at once: a chunk's worth for several children. */
const BURST_BYTES = 128 * 1024;

/**
 * Blocks on their way out, within the upload limit: requested ones first, for somebody's deadline
 * is near, then pushes one after another, so that the first child relays while others still wait.
 */
export class UploadQueue {
  readonly #bucket: TokenBucket;
  readonly #queueBytesMax: number;
  readonly #bytesFor = new Map<PeerId, number>();
  #requested: Upload[] = [];
  #pushed: Upload[] = [];

  constructor(uploadLimitBps: number, queueBytesMax: number) {
    this.#bucket = new TokenBucket(uploadLimitBps, BURST_BYTES);
    this.#queueBytesMax = queueBytesMax;
  }

  /** A block that waits for this neighbor already is not sent twice, but goes first if requested.
   * @returns False when too much is waiting for this neighbor already. */
  add(upload: Upload): boolean {
    if (upload.isRequested) {
      const key = keyOf(upload.block);
      const isSame = (other: Upload) => other.to === upload.to && keyOf(other.block) === key;
      if (this.#requested.some(isSame)) return true;
      this.#keep((other) => other.isRequested || !isSame(other));
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
    this.#keep((upload) => upload.to !== peer);
    this.#bytesFor.delete(peer);
  }

  /** What may go now. Neighbors whose link is congested keep waiting; the others pass them. */
  drain(nowMs: number, isCongested: (peer: PeerId) => boolean): Upload[] {
    if (this.#requested.length === 0 && this.#pushed.length === 0) return [];
    this.#keep((upload) => upload.isRequested || nowMs - upload.queuedAtMs < PUSH_PATIENCE_MS);
    const sent: Upload[] = [];
    const tryToSend = (upload: Upload): boolean => {
      if (isCongested(upload.to)) return true;
      if (!this.#bucket.take(upload.block.bytes.length, nowMs)) return true;
      this.#release(upload);
      sent.push(upload);
      return false;
    };
    this.#requested = this.#requested.filter(tryToSend);
    this.#pushed = this.#pushed.filter(tryToSend);
    return sent;
  }

  /** When `drain` may have something again; congested links report by themselves. */
  wakeAtMs(nowMs: number, isCongested: (peer: PeerId) => boolean): number {
    const isWaiting = (upload: Upload) => !isCongested(upload.to);
    if (!this.#requested.some(isWaiting) && !this.#pushed.some(isWaiting)) {
      return Number.POSITIVE_INFINITY;
    }
    return Math.max(nowMs + 1, this.#bucket.readyAtMs(nowMs));
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
