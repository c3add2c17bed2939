import type { PeerRecord, Signal } from "#protocol";

/** What a link tells its owner. Called from the event loop, never from inside `send` or `close`. */
export type LinkHandlers = {
  /** The channel is open: `send` may be called. */
  onOpen(): void;
  /**
   * One message as it was sent. The bytes belong to the receiver. Those above 16 KiB come too, up to
   * what the library underneath accepts (256 KiB), so that their sender can be called to account.
   */
  onMessage(bytes: Uint8Array): void;
  /** Buffered bytes fell to the low water mark after having been above the high one. */
  onDrain(): void;
  /** The link is gone; nothing else is called afterwards. At most once, also for a failed dial. */
  onClose(reason: LinkCloseReason): void;
  /** Negotiation for the other side, to go through the tracker. */
  onSignal(signal: Signal): void;
};

/**
 * - `closed-here`: our own `close`.
 * - `closed-there`: the other side closed, or its page went away.
 * - `ice-failed`: no path between the two; another peer, or TURN, may do.
 * - `failed`: anything else went wrong underneath.
 */
export type LinkCloseReason = "closed-here" | "closed-there" | "ice-failed" | "failed";

/** One unordered, reliable message channel to one peer. */
export interface Link {
  /** Bytes handed to `send` that have not left yet. */
  readonly bufferedBytes: number;
  /** Send one message of at most 16 KiB. Dropped silently once the link is closing. Never throws. */
  send(bytes: Uint8Array): void;
  /** Feed negotiation from the other side, in any order. */
  signal(signal: Signal): void;
  close(): void;
}

export type LinkRole = "dial" | "answer";

/** Makes links of one kind: WebRTC in a browser, WebRTC in Node, or in memory. */
export interface LinkFactory {
  create(peer: PeerRecord, role: LinkRole, handlers: LinkHandlers): Link;
  /** Ends everything the factory holds, open links included. */
  close(): void;
}

/**
 * Water marks on what is buffered in one link, in bytes. High: stop pushing blocks; 64 KiB is 50 ms
 * at 10 Mbit/s, so control messages are not stuck behind seconds of blocks. Low: go on.
 */
export const LINK_HIGH_WATER_BYTES = 64 * 1024;
export const LINK_LOW_WATER_BYTES = 16 * 1024;
