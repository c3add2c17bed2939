import { type Block, type KeptRun, type PastMessage, type PeerId, WIRE_LIMITS } from "#protocol";
import { chunkKey } from "../block-key.ts";
import type { BlockSender } from "../events.ts";
import type { Archive } from "./archive.ts";

/** Neighbors are asked what they keep this often, in ms, while somebody here watches the past. */
const ASK_PERIOD_MS = 4000;
/** How long that goes on after the last chunk was wanted, in ms. */
const INTEREST_MS = 10_000;
/** An answer to each neighbor at most this often, in ms: each sorts what we keep. */
const ANSWER_PAUSE_MS = 2000;
/** A keeper has this long for a whole chunk, in ms, before somebody else is asked. A guess: players have
 * many seconds in reserve, and the origin is quick. */
const PATIENCE_MS = 1500;
/** Chunks asked for and not come, of one neighbor. */
const IN_FLIGHT_MAX = 3;
/** Chunks wanted at a time; players want a few of each track. */
const WANTED_MAX = 32;
/** A neighbor that let this many requests run out, or sent a bad block, is not asked any more. */
const STRIKES_MAX = 2;
/** One that is busy is asked again after this, in ms. */
const BUSY_MS = 2000;
/** Requests remembered, so that an answer that comes late is no offence. */
const ASKED_MAX = 256;

export type PastExchangeConfig = {
  archive: Archive;
  /** Uniform in [0, 1). */
  random: () => number;
  send(to: PeerId, message: PastMessage): void;
  /** Get the chunk from the origin; ends in {@link PastExchange.fetched}. */
  fetch(track: number, sequence: number): void;
  /** What a neighbor asked for goes out, as far as the uplink allows. */
  serve(to: PeerId, blocks: readonly Block[]): void;
  /** That chunk is not kept here. */
  deny(to: PeerId, track: number, sequence: number): void;
  /** A neighbor sent what its publisher did not sign. */
  offended(by: PeerId, block: Block): void;
  /** A chunk that was wanted, verified; undefined when nobody has it. */
  settled(track: number, sequence: number, blocks: readonly Block[] | undefined): void;
};

type Neighbor = {
  runs: readonly KeptRun[];
  inFlight: number;
  strikes: number;
  busyUntilMs: number;
  answeredAtMs: number;
};

type Wanted = {
  readonly track: number;
  readonly sequence: number;
  readonly tried: Set<PeerId>;
  from: BlockSender;
  untilMs: number;
};

/**
 * Chunks older than the window: asked of neighbors that say they keep them, else of the origin; and
 * given to neighbors that ask. Knows no clock and does no I/O. Who names chunks it does not keep costs
 * the asker a moment, and is not asked again.
 */
export class PastExchange {
  readonly #config: PastExchangeConfig;
  readonly #neighbors = new Map<PeerId, Neighbor>();
  readonly #wanted = new Map<number, Wanted>();
  /** `peer chunk`, oldest first. */
  readonly #asked = new Set<string>();
  #interestUntilMs = Number.NEGATIVE_INFINITY;
  #askAtMs = Number.POSITIVE_INFINITY;

  constructor(config: PastExchangeConfig) {
    this.#config = config;
  }

  /** When to call {@link housekeep}, at the latest. */
  get dueAtMs(): number {
    const deadlines = [...this.#wanted.values()].map(({ untilMs }) => untilMs);
    return Math.min(this.#askAtMs, ...deadlines);
  }

  met(peer: PeerId, nowMs: number): void {
    this.#neighbors.set(peer, {
      runs: [],
      inFlight: 0,
      strikes: 0,
      busyUntilMs: 0,
      answeredAtMs: Number.NEGATIVE_INFINITY,
    });
    if (nowMs < this.#interestUntilMs) this.#config.send(peer, { type: "ask-kept" });
  }

  gone(peer: PeerId, nowMs: number): void {
    this.#neighbors.delete(peer);
    for (const wanted of this.#wanted.values()) if (wanted.from === peer) this.#ask(wanted, nowMs);
  }

  /** Ends in `settled`, perhaps at once. More than a few dozen at a time are refused. */
  want(track: number, sequence: number, nowMs: number): void {
    const kept = this.#config.archive.chunk(track, sequence);
    const key = chunkKey(track, sequence);
    if (kept !== undefined || this.#wanted.size >= WANTED_MAX) {
      return this.#config.settled(track, sequence, kept);
    }
    if (nowMs >= this.#interestUntilMs) this.#askAll(nowMs);
    this.#interestUntilMs = nowMs + INTEREST_MS;
    if (this.#wanted.has(key)) return;
    const wanted: Wanted = { track, sequence, tried: new Set(), from: "origin", untilMs: 0 };
    this.#wanted.set(key, wanted);
    this.#ask(wanted, nowMs);
  }

  heard(from: PeerId, message: PastMessage, nowMs: number): void {
    const neighbor = this.#neighbors.get(from);
    if (neighbor === undefined) return;
    switch (message.type) {
      case "ask-kept": {
        if (nowMs - neighbor.answeredAtMs < ANSWER_PAUSE_MS) return;
        neighbor.answeredAtMs = nowMs;
        const runs = this.#config.archive.runs(WIRE_LIMITS.keptRuns);
        return this.#config.send(from, { type: "kept", runs });
      }
      case "kept":
        neighbor.runs = message.runs;
        return;
      case "get-kept": {
        const { track, sequence } = message;
        const blocks = this.#config.archive.chunk(track, sequence);
        if (blocks === undefined) return this.#config.deny(from, track, sequence);
        return this.#config.serve(from, blocks);
      }
    }
  }

  /** Whether a block of this chunk is the answer to a question of ours, even if it comes late. */
  isAnswer(from: PeerId, track: number, sequence: number): boolean {
    return this.#asked.has(`${from} ${chunkKey(track, sequence)}`);
  }

  /** The neighbor will not send that chunk, or not all of it. */
  denied(from: PeerId, track: number, sequence: number, isBusy: boolean, nowMs: number): void {
    const wanted = this.#wanted.get(chunkKey(track, sequence));
    if (wanted?.from !== from) return;
    const neighbor = this.#neighbors.get(from);
    if (neighbor !== undefined && isBusy) neighbor.busyUntilMs = nowMs + BUSY_MS;
    this.#ask(wanted, nowMs);
  }

  /** A block's signature was checked. Genuine ones of the live stream are kept, too. */
  checked(from: BlockSender, block: Block, isValid: boolean, nowMs: number): void {
    const { track, sequence } = block;
    if (isValid) this.#config.archive.add(block);
    const wanted = this.#wanted.get(chunkKey(track, sequence));
    if (!isValid) {
      if (from === "origin") return;
      const neighbor = this.#neighbors.get(from);
      if (neighbor !== undefined) neighbor.strikes = STRIKES_MAX;
      this.#config.offended(from, block);
      if (wanted?.from === from) this.#ask(wanted, nowMs);
      return;
    }
    if (wanted === undefined) return;
    const blocks = this.#config.archive.chunk(track, sequence);
    if (blocks !== undefined) this.#settle(wanted, blocks);
  }

  /** The origin has answered, and what it sent was checked. */
  fetched(track: number, sequence: number): void {
    const wanted = this.#wanted.get(chunkKey(track, sequence));
    if (wanted?.from === "origin") this.#settle(wanted, undefined);
  }

  housekeep(nowMs: number): void {
    for (const wanted of [...this.#wanted.values()]) {
      if (nowMs < wanted.untilMs) continue;
      const neighbor = wanted.from === "origin" ? undefined : this.#neighbors.get(wanted.from);
      if (neighbor !== undefined) neighbor.strikes++;
      this.#ask(wanted, nowMs);
    }
    if (nowMs < this.#askAtMs) return;
    if (nowMs < this.#interestUntilMs) this.#askAll(nowMs);
    else this.#askAtMs = Number.POSITIVE_INFINITY;
  }

  #askAll(nowMs: number): void {
    this.#askAtMs = nowMs + ASK_PERIOD_MS;
    for (const peer of this.#neighbors.keys()) this.#config.send(peer, { type: "ask-kept" });
  }

  #ask(wanted: Wanted, nowMs: number): void {
    this.#release(wanted);
    const { track, sequence } = wanted;
    const keeper = this.#keeperOf(wanted, nowMs);
    if (keeper === undefined) {
      wanted.from = "origin";
      wanted.untilMs = Number.POSITIVE_INFINITY;
      return this.#config.fetch(track, sequence);
    }
    const [peer, neighbor] = keeper;
    neighbor.inFlight++;
    wanted.from = peer;
    wanted.tried.add(peer);
    wanted.untilMs = nowMs + PATIENCE_MS;
    this.#remember(`${peer} ${chunkKey(track, sequence)}`);
    this.#config.send(peer, { type: "get-kept", track, sequence });
  }

  #keeperOf({ track, sequence, tried }: Wanted, nowMs: number): [PeerId, Neighbor] | undefined {
    const keepers = [...this.#neighbors].filter(
      ([peer, { runs, inFlight, strikes, busyUntilMs }]) =>
        !tried.has(peer) &&
        strikes < STRIKES_MAX &&
        inFlight < IN_FLIGHT_MAX &&
        busyUntilMs <= nowMs &&
        runs.some((run) => run.track === track && run.first <= sequence && sequence <= run.last),
    );
    const least = Math.min(...keepers.map(([, { inFlight }]) => inFlight));
    const idle = keepers.filter(([, { inFlight }]) => inFlight === least);
    return idle[Math.floor(this.#config.random() * idle.length)];
  }

  #settle(wanted: Wanted, blocks: readonly Block[] | undefined): void {
    this.#release(wanted);
    this.#wanted.delete(chunkKey(wanted.track, wanted.sequence));
    this.#config.settled(wanted.track, wanted.sequence, blocks);
  }

  #release({ from }: Wanted): void {
    const neighbor = from === "origin" ? undefined : this.#neighbors.get(from);
    if (neighbor !== undefined) neighbor.inFlight = Math.max(0, neighbor.inFlight - 1);
  }

  #remember(asked: string): void {
    this.#asked.delete(asked);
    this.#asked.add(asked);
    for (const oldest of this.#asked) {
      if (this.#asked.size <= ASKED_MAX) break;
      this.#asked.delete(oldest);
    }
  }
}
