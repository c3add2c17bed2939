/** Links of the seeder: `seederDegreeHigh` of them, and some on their way out. */
const SEEDER_SLOTS = 256;
/** Links of a viewer: `degreeHigh` of them, and the seeder. */
const VIEWER_SLOTS = 16;
const NONE = -1;
const INITIAL_WINDOW_BYTES = 10 * 1191;

/**
 * Who is connected to whom: a table of slots, sixteen for each viewer and more for the seeder, who is
 * peer 0. A slot is one peer's end of a link, so its number says whose it is; what the rules remember
 * of a neighbor is stored by slot.
 */
export class Links {
  readonly slotCount: number;
  /** The neighbor; -1 when the slot is free. */
  readonly peer: Int32Array;
  /** The neighbor's slot of the same link. */
  readonly back: Int32Array;
  readonly oneWayMs: Float32Array;
  readonly sinceMs: Float32Array;
  /** Round trip as pings measure it, smoothed. */
  readonly roundTripMs: Float32Array;
  /** SCTP's congestion window in this direction. */
  readonly windowBytes: Float32Array;
  readonly isDialed: Uint8Array;
  /** Requests it let run out or denied lately, and those under way to it. */
  readonly brokenPromises: Float32Array;
  readonly inFlight: Uint8Array;
  readonly count: Uint16Array;

  constructor(peers: number) {
    this.slotCount = SEEDER_SLOTS + VIEWER_SLOTS * (peers - 1);
    this.peer = new Int32Array(this.slotCount).fill(NONE);
    this.back = new Int32Array(this.slotCount).fill(NONE);
    this.oneWayMs = new Float32Array(this.slotCount);
    this.sinceMs = new Float32Array(this.slotCount);
    this.roundTripMs = new Float32Array(this.slotCount);
    this.windowBytes = new Float32Array(this.slotCount);
    this.isDialed = new Uint8Array(this.slotCount);
    this.brokenPromises = new Float32Array(this.slotCount);
    this.inFlight = new Uint8Array(this.slotCount);
    this.count = new Uint16Array(peers);
  }

  first(peer: number): number {
    return peer === 0 ? 0 : SEEDER_SLOTS + VIEWER_SLOTS * (peer - 1);
  }

  end(peer: number): number {
    return SEEDER_SLOTS + VIEWER_SLOTS * peer;
  }

  ownerOf(slot: number): number {
    return slot < SEEDER_SLOTS ? 0 : 1 + ((slot - SEEDER_SLOTS) >> 4);
  }

  /** The slot of a peer that leads to another, or -1. */
  find(peer: number, other: number): number {
    const end = this.end(peer);
    for (let slot = this.first(peer); slot < end; slot++) {
      if (this.peer[slot] === other) return slot;
    }
    return NONE;
  }

  /** @returns The slot of `a`, or -1 when either has none to spare. */
  open(a: number, b: number, oneWayMs: number, nowMs: number): number {
    const there = this.find(a, NONE);
    const here = this.find(b, NONE);
    if (there === NONE || here === NONE) return NONE;
    this.#occupy(there, here, b, oneWayMs, nowMs, 1);
    this.#occupy(here, there, a, oneWayMs, nowMs, 0);
    return there;
  }

  /** Free one end; the other stays until its peer hears of it. */
  free(slot: number): void {
    const owner = this.ownerOf(slot);
    this.count[owner] = (this.count[owner] as number) - 1;
    this.peer[slot] = NONE;
  }

  #occupy(
    slot: number,
    back: number,
    peer: number,
    oneWayMs: number,
    nowMs: number,
    dialed: 0 | 1,
  ): void {
    const owner = this.ownerOf(slot);
    this.count[owner] = (this.count[owner] as number) + 1;
    this.peer[slot] = peer;
    this.back[slot] = back;
    this.oneWayMs[slot] = oneWayMs;
    this.sinceMs[slot] = nowMs;
    this.roundTripMs[slot] = 2 * oneWayMs;
    this.windowBytes[slot] = INITIAL_WINDOW_BYTES;
    this.isDialed[slot] = dialed;
    this.brokenPromises[slot] = 0;
    this.inFlight[slot] = 0;
  }
}
