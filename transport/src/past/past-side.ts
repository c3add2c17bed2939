import type { BlockSender, MeshChunk, MeshEvent } from "#mesh";
import { Archive, assembleChunk, PastExchange } from "#mesh/past";
import {
  type Block,
  DecodeError,
  decodePastMessage,
  encodePastMessage,
  encodePeerMessage,
  type PastMessage,
  type PeerId,
  type PeerMessage,
} from "#protocol";
import type { Clock } from "../clock.ts";
import { Alarm } from "../mesh-peer/alarm.ts";
import type { MeshOrigin } from "../mesh-peer/mesh-peer-options.ts";

/** What the peer that goes back in time lends its past side. */
export type PastSideParts = {
  clock: Clock;
  random: () => number;
  /** Without one, neighbors alone must do. */
  origin: MeshOrigin | undefined;
  /** Its name in the origin's addresses. */
  trackId(track: number): string | undefined;
  send(to: PeerId, bytes: Uint8Array): void;
  /** Check a signature; ends in {@link PastSide.checked}. */
  verify(from: BlockSender, block: Block): void;
  feed(event: MeshEvent): void;
};

type Fetch = { track: number; sequence: number; unchecked: number };

/** Drives one {@link PastExchange}: lends it clock, links, signatures and the origin. */
export class PastSide {
  readonly #parts: PastSideParts;
  readonly #archive: Archive;
  readonly #exchange: PastExchange;
  readonly #alarm: Alarm;
  readonly #close = new AbortController();
  /** Under way to the verifier for us, and for which request to the origin. */
  readonly #checking = new Map<Block, Fetch | undefined>();
  readonly #waiting = new Map<string, ((chunk: MeshChunk | undefined) => void)[]>();

  /** @param keepBytes What is kept at most, for others and for going back a little. */
  constructor(parts: PastSideParts, keepBytes: number) {
    this.#parts = parts;
    this.#archive = new Archive(keepBytes);
    this.#exchange = new PastExchange({
      archive: this.#archive,
      random: parts.random,
      send: (to, message) => parts.send(to, encodePastMessage(message)),
      fetch: (track, sequence) => void this.#fetch(track, sequence),
      serve: (to, blocks) => parts.feed({ type: "serve-kept", to, blocks }),
      deny: (to, track, sequence) => {
        const deny = { type: "deny", track, sequence, index: 0, reason: "not-held" } as const;
        parts.send(to, encodePeerMessage(deny));
      },
      offended: (from, { bytes }) =>
        parts.feed({ type: "bad-message", from, sizeBytes: bytes.length }),
      settled: (track, sequence, blocks) => this.#settled(track, sequence, blocks),
    });
    this.#alarm = new Alarm(parts.clock, () => {
      this.#exchange.housekeep(this.#nowMs);
      this.#schedule();
    });
  }

  /** Bytes kept now. */
  get keptBytes(): number {
    return this.#archive.bytes;
  }

  /** A chunk, verified, from here, from a neighbor or from the origin; undefined where nobody has it. */
  chunk(track: number, sequence: number): Promise<MeshChunk | undefined> {
    if (this.#close.signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const key = `${track}/${sequence}`;
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), resolve]);
      this.#exchange.want(track, sequence, this.#nowMs);
      this.#schedule();
    });
  }

  met(peer: PeerId): void {
    this.#exchange.met(peer, this.#nowMs);
  }

  gone(peer: PeerId): void {
    this.#exchange.gone(peer, this.#nowMs);
    this.#schedule();
  }

  /** A message the engine does not know. */
  heard(from: PeerId, bytes: Uint8Array): void {
    let message: PastMessage | undefined;
    try {
      message = decodePastMessage(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.#parts.feed({ type: "bad-message", from, sizeBytes: bytes.length });
    }
    if (message !== undefined) this.#exchange.heard(from, message, this.#nowMs);
  }

  /** @returns Whether a message of the engine's language was an answer to us, and none of its business. */
  takes(from: PeerId, message: PeerMessage): boolean {
    if (message.type !== "block" && message.type !== "deny") return false;
    const { track, sequence } = message.type === "block" ? message.block : message;
    if (!this.#exchange.isAnswer(from, track, sequence)) return false;
    if (message.type === "block") {
      // A check costs more than a look.
      if (!this.#archive.has(message.block)) this.#check(from, message.block, undefined);
    } else this.#exchange.denied(from, track, sequence, message.reason === "busy", this.#nowMs);
    this.#schedule();
    return true;
  }

  /** A signature was checked, for whomever. @returns Whether it was for us alone. */
  checked(from: BlockSender, block: Block, isValid: boolean): boolean {
    const isOurs = this.#checking.has(block);
    if (!isOurs && !isValid) return false;
    const fetch = this.#checking.get(block);
    this.#checking.delete(block);
    if (isOurs && isValid) {
      this.#parts.feed({ type: "kept-received", from, sizeBytes: block.bytes.length });
    }
    this.#exchange.checked(from, block, isValid, this.#nowMs);
    if (fetch !== undefined && --fetch.unchecked === 0) {
      this.#exchange.fetched(fetch.track, fetch.sequence);
    }
    if (isOurs) this.#schedule();
    return isOurs;
  }

  /** Whoever waits is answered with nothing. */
  close(): void {
    this.#close.abort();
    this.#alarm.clear();
    for (const waiting of this.#waiting.values()) for (const answer of waiting) answer(undefined);
    this.#waiting.clear();
  }

  get #nowMs(): number {
    return this.#parts.clock.nowMs();
  }

  async #fetch(track: number, sequence: number): Promise<void> {
    const { origin, trackId } = this.#parts;
    const id = trackId(track);
    const { signal } = this.#close;
    const found =
      origin === undefined || id === undefined
        ? undefined
        : await origin.chunkBlocks(id, sequence, signal);
    if (signal.aborted) return;
    const blocks = found?.ok === true ? found.blocks.filter((block) => block.track === track) : [];
    const fetch: Fetch = { track, sequence, unchecked: blocks.length };
    if (blocks.length === 0) this.#exchange.fetched(track, sequence);
    for (const block of blocks) this.#check("origin", block, fetch);
    this.#schedule();
  }

  #check(from: BlockSender, block: Block, fetch: Fetch | undefined): void {
    this.#checking.set(block, fetch);
    this.#parts.verify(from, block);
  }

  #settled(track: number, sequence: number, blocks: readonly Block[] | undefined): void {
    const key = `${track}/${sequence}`;
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    const chunk = blocks && chunkFrom(blocks);
    for (const answer of waiting) answer(chunk);
  }

  #schedule(): void {
    if (!this.#close.signal.aborted) this.#alarm.set(this.#exchange.dueAtMs);
  }
}

function chunkFrom(blocks: readonly Block[]): MeshChunk | undefined {
  const [first] = blocks;
  if (first === undefined) return undefined;
  return assembleChunk({ ...first, blocks: [...blocks], heldCount: blocks.length });
}
