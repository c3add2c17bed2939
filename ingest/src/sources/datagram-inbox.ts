import type { SourceEvent } from "../source.ts";
import { RareWarnings } from "./rare-warnings.ts";
import { slices } from "./slices.ts";

/** Makes media of one encoder's datagrams. */
export interface DatagramReader {
  /** Datagrams that never came, since the beginning. */
  readonly lostCount: number;
  /** When `release` has something to give, whatever comes; `Infinity` for never. */
  readonly wakeAtMs: number;
  /** @returns Media that is in order now. */
  push(datagram: Uint8Array, nowMs: number): readonly Uint8Array[];
  /** @returns Media that has waited long enough for what is missing before it. */
  release(nowMs: number): readonly Uint8Array[];
}

export interface DatagramFormat {
  /** Tells streams of one address apart; undefined for what belongs to no stream. */
  streamOf(datagram: Uint8Array): number | undefined;
  /** For people, of what `streamOf` knows nothing of; undefined to say nothing. */
  describeStranger(datagram: Uint8Array): string | undefined;
  createReader(): DatagramReader;
}

export type DatagramInboxOptions = {
  /**
   * How long an encoder may send nothing before it counts as gone, in ms. UDP says no good-bye, and
   * until then its successor, which has another port, is kept out. Above the hiccups of a network.
   * Default 2000: a guess.
   */
  silenceMs?: number;
  /** Bytes that may wait to be asked for; more is dropped. Protects memory from a sender that is
   * faster than real time, which UDP cannot slow down. Default 4 MiB: 1.6 s at 20 Mbit/s. */
  queueBytes?: number;
};

/** Turns datagrams of one encoder at a time into a source's events. Pure: time comes in. */
export class DatagramInbox {
  readonly #name: string;
  readonly #format: DatagramFormat;
  readonly #silenceMs: number;
  readonly #queueLimitBytes: number;
  readonly #warnings = new RareWarnings();
  readonly #queue: SourceEvent[] = [];
  #queuedBytes = 0;
  #encoder:
    | { key: string; from: string; reader: DatagramReader; heardAtMs: number; lostCount: number }
    | undefined;

  constructor(
    name: string,
    format: DatagramFormat,
    { silenceMs = 2000, queueBytes = 4 * 1024 * 1024 }: DatagramInboxOptions = {},
  ) {
    this.#name = name;
    this.#format = format;
    this.#silenceMs = silenceMs;
    this.#queueLimitBytes = queueBytes;
  }

  /** The next event, if there is one. */
  next(): SourceEvent | undefined {
    const event = this.#queue.shift();
    if (event?.type === "bytes") this.#queuedBytes -= event.bytes.length;
    return event;
  }

  /** When `tick` has something to do; `Infinity` for never. */
  get wakeAtMs(): number {
    if (this.#encoder === undefined) return Number.POSITIVE_INFINITY;
    return Math.min(this.#encoder.heardAtMs + this.#silenceMs, this.#encoder.reader.wakeAtMs);
  }

  tick(nowMs: number): void {
    const encoder = this.#encoder;
    if (encoder === undefined) return;
    this.#take(encoder.reader.release(nowMs), nowMs);
    if (nowMs < encoder.heardAtMs + this.#silenceMs) return;
    this.#encoder = undefined;
    const reason = `encoder at ${encoder.from}: nothing came for ${this.#silenceMs / 1000} s`;
    this.#queue.push({ type: "end", reason });
  }

  /** @param from Address and port of the sender. */
  receive(datagram: Uint8Array, from: string, nowMs: number): void {
    // Also when timers are late: the successor of an encoder that is gone is not refused.
    this.tick(nowMs);
    const stream = this.#format.streamOf(datagram);
    if (stream === undefined) {
      const what = this.#format.describeStranger(datagram);
      if (what !== undefined) this.#warn("stranger", nowMs, () => `${what} came from ${from}`);
      return;
    }
    const key = `${from} ${stream}`;
    if (this.#encoder === undefined) {
      const reader = this.#format.createReader();
      this.#encoder = { key, from, reader, heardAtMs: nowMs, lostCount: 0 };
      this.#queue.push({ type: "start", description: `encoder at ${from}` });
    }
    if (this.#encoder.key !== key) {
      this.#warn("second", nowMs, () => `left out a second encoder, ${from}: one is live already`);
      return;
    }
    this.#encoder.heardAtMs = nowMs;
    this.#take(this.#encoder.reader.push(datagram, nowMs), nowMs);
  }

  #take(payloads: readonly Uint8Array[], nowMs: number): void {
    for (const payload of payloads) {
      if (this.#queuedBytes + payload.length > this.#queueLimitBytes) {
        const dropped = (count: number) =>
          `${count} datagrams were dropped: they come faster than they can be published`;
        this.#warn("full", nowMs, dropped);
        continue;
      }
      this.#queuedBytes += payload.length;
      for (const bytes of slices(payload)) this.#queue.push({ type: "bytes", bytes });
    }
    this.#reportLoss(nowMs);
  }

  #reportLoss(nowMs: number): void {
    const encoder = this.#encoder;
    const lost = encoder === undefined ? 0 : encoder.reader.lostCount - encoder.lostCount;
    if (encoder === undefined || lost === 0) return;
    encoder.lostCount += lost;
    this.#warn("lost", nowMs, (count) => `${count} datagrams were lost on the way`, lost);
  }

  #warn(kind: string, nowMs: number, describe: (count: number) => string, times = 1): void {
    const line = this.#warnings.note(kind, nowMs, describe, times);
    if (line !== undefined)
      this.#queue.push({ type: "warning", message: `${this.#name}: ${line}` });
  }
}
