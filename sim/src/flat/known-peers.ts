import { type FlatWorld, jittered } from "./flat-world.ts";

/** As in mesh/src/overlay/known-peers.ts, by the same names. */
const RETRY_MS = 1000;
const RETRY_MAX_MS = 30_000;
const FAILURES_MAX = 2;
const PARTED_MS = 40_000;
/** Peers known without being connected: fewer than the engine's 64, which no run fills. */
const ROWS = 32;

const NONE = -1;
const STATE = { idle: 0, connecting: 1, connected: 2 } as const;

/** Whom each viewer has heard of, and when it may dial them: rows by viewer, in no order. */
export class FlatKnownPeers {
  readonly #world: FlatWorld;
  readonly #peers: Int32Array;
  readonly #state: Uint8Array;
  readonly #failures: Uint8Array;
  readonly #retryAtMs: Float32Array;
  /** Whoever was given up for others is not dialed before. */
  readonly #partedUntilMs: Float32Array;

  constructor(world: FlatWorld) {
    const rows = world.peers.capacity * ROWS;
    this.#world = world;
    this.#peers = new Int32Array(rows).fill(NONE);
    this.#state = new Uint8Array(rows);
    this.#failures = new Uint8Array(rows);
    this.#retryAtMs = new Float32Array(rows);
    this.#partedUntilMs = new Float32Array(rows);
  }

  first(peer: number): number {
    return peer * ROWS;
  }

  end(peer: number): number {
    return (peer + 1) * ROWS;
  }

  /** The nth row from a row of chance: whoever is known first is not always dialed first. */
  shuffled(peer: number, start: number, nth: number): number {
    return peer * ROWS + ((start + nth) % ROWS);
  }

  get rows(): number {
    return ROWS;
  }

  peerOf(row: number): number {
    return this.#peers[row] as number;
  }

  retryAtMs(row: number): number {
    return this.#retryAtMs[row] as number;
  }

  /** Neither a neighbor nor being dialed. */
  isStranger(row: number): boolean {
    return this.#peers[row] !== NONE && this.#state[row] === STATE.idle;
  }

  isConnecting(row: number): boolean {
    return this.#peers[row] !== NONE && this.#state[row] === STATE.connecting;
  }

  noteDialed(row: number): void {
    this.#state[row] = STATE.connecting;
  }

  /** The tracker named it: failures so far are forgiven. @returns Whether it is new. */
  renew(peer: number, other: number): boolean {
    const isNew = this.#find(peer, other) === NONE;
    const row = this.rowFor(peer, other);
    if (row === NONE) return false;
    this.#failures[row] = 0;
    const { nowMs } = this.#world.wheel;
    this.#retryAtMs[row] = Math.max(nowMs, this.#partedUntilMs[row] as number);
    return isNew;
  }

  met(peer: number, other: number): void {
    const row = this.rowFor(peer, other);
    if (row === NONE) return;
    this.#state[row] = STATE.connected;
    this.#failures[row] = 0;
  }

  /** One of the two gave the other up for somebody else. */
  parted(peer: number, other: number): void {
    const row = this.#find(peer, other);
    if (row !== NONE) this.#partedUntilMs[row] = this.#world.wheel.nowMs + PARTED_MS;
  }

  /** A dial came to nothing, or a link broke. */
  backOff(peer: number, other: number): void {
    const { wheel, random, links } = this.#world;
    const row = this.#find(peer, other);
    if (row === NONE) return;
    // They may have met by the other's dial meanwhile.
    if (links.find(peer, other) !== NONE) {
      this.#state[row] = STATE.connected;
      return;
    }
    const failures = (this.#failures[row] as number) + 1;
    const pauseMs = Math.min(RETRY_MS * 2 ** failures, RETRY_MAX_MS);
    const retryAtMs = wheel.nowMs + jittered(pauseMs, random);
    this.#failures[row] = Math.min(255, failures);
    this.#state[row] = STATE.idle;
    this.#retryAtMs[row] = Math.max(retryAtMs, this.#partedUntilMs[row] as number);
    if (failures > FAILURES_MAX && other !== 0) this.#peers[row] = NONE;
  }

  /** Where a peer is known, or a row for it: of the strangers the first makes room; -1 for none. */
  rowFor(peer: number, other: number): number {
    let row = this.#find(peer, other);
    if (row !== NONE) return row;
    row = this.#find(peer, NONE);
    for (let at = this.first(peer); row === NONE && at < this.end(peer); at++) {
      if (this.isStranger(at) && this.#peers[at] !== 0) row = at;
    }
    if (row === NONE) return NONE;
    this.#peers[row] = other;
    this.#state[row] = STATE.idle;
    this.#failures[row] = 0;
    this.#retryAtMs[row] = 0;
    this.#partedUntilMs[row] = 0;
    return row;
  }

  #find(peer: number, other: number): number {
    const end = this.end(peer);
    for (let row = this.first(peer); row < end; row++) if (this.#peers[row] === other) return row;
    return NONE;
  }
}
