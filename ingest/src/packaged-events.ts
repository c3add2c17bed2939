import { setTimeout as delay } from "node:timers/promises";
import { unwrap } from "./container/unwrap.ts";
import { Pacer } from "./pacer.ts";
import type { Packager, PackagerEvent } from "./packager.ts";
import type { Source, SourceEvent } from "./source.ts";

/** What comes out of a source once it is packaged: `Publisher.accept` takes tracks and chunks. */
export type IngestEvent = PackagerEvent | Exclude<SourceEvent, { type: "bytes" | "packet" }>;

export type IngestClock = {
  /** Unix ms. */
  nowMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

export const systemClock: IngestClock = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
};

export type PackagedEventsOptions = {
  /** Default: the system's. */
  clock?: IngestClock;
  signal: AbortSignal;
};

/**
 * A live encoder whose network hung sends what it kept all at once. That is passed on at once too:
 * paced out, it would stay behind for good, hidden in the buffers of TCP. In ms.
 */
const LIVE_LATE_MS = 30_000;

/**
 * How long to hold before a source without a single chunk starts over, in ms. A looped file that
 * is no video would be read again and again, as nothing in it can be paced.
 */
const NOTHING_FOUND_DELAY_MS = 1000;
const NOTHING_FOUND = "nothing playable came; needed is MPEG-TS, MP4, Matroska or WebM";

/**
 * Read a source through a packager, at the pace of real time. A consumer that is slow slows the
 * source down. Ends with the source, or promptly when the signal aborts.
 * @throws {IngestError} From the source.
 */
export async function* packagedEvents(
  source: Source,
  packager: Packager,
  { clock = systemClock, signal }: PackagedEventsOptions,
): AsyncGenerator<IngestEvent, void, void> {
  const isLive = source.aheadMs > 0;
  const pacer = new Pacer({ aheadMs: source.aheadMs, ...(isLive && { lateMs: LIVE_LATE_MS }) });
  /** What came since the last beginning. */
  let seen = { bytes: false, chunks: false, warnings: false };

  /**
   * A file has no time at which it was made, and is read ahead of its pace: its chunks count as
   * made while they were due, like those of a camera.
   */
  const madeAtMs = { video: 0, audio: 0 };
  function madeNow({ chunk }: PackagerEvent & { type: "chunk" }): PackagerEvent {
    const sourceTimeMs = Math.max(madeAtMs[chunk.kind], clock.nowMs() - chunk.durationMs);
    madeAtMs[chunk.kind] = sourceTimeMs;
    return { type: "chunk", chunk: { ...chunk, sourceTimeMs } };
  }

  async function* paced(events: PackagerEvent[]): AsyncGenerator<PackagerEvent, void, void> {
    for (const event of events) {
      if (event.type === "warning") seen.warnings = true;
      if (event.type === "chunk") {
        seen.chunks = true;
        const waitMs = pacer.waitMs(event.chunk, clock.nowMs());
        if (waitMs > 0) await clock.sleep(waitMs, signal);
      }
      if (signal.aborted) return;
      yield event.type === "chunk" && !isLive ? madeNow(event) : event;
    }
  }

  /** What was buffered goes out now, not when the next encoder comes. */
  async function* closeRun(rest: () => PackagerEvent[]): AsyncGenerator<PackagerEvent, void, void> {
    if (!seen.bytes) return;
    yield* paced(rest());
    if (!seen.chunks && !signal.aborted) {
      // The packager knows better what was wrong, if it found out.
      if (!seen.warnings) yield { type: "warning", message: `${source.name}: ${NOTHING_FOUND}` };
      await clock.sleep(NOTHING_FOUND_DELAY_MS, signal);
    }
    seen = { bytes: false, chunks: false, warnings: false };
  }

  const events = source.events(signal);
  for await (const event of packager.pushPacket === undefined ? events : unwrap(events)) {
    if (signal.aborted) return;
    if (event.type === "bytes" || event.type === "packet") {
      seen.bytes = true;
      const nowMs = clock.nowMs();
      const made =
        event.type === "bytes"
          ? packager.push(event.bytes, nowMs)
          : packager.pushPacket?.(event.packet, nowMs);
      yield* paced(made ?? []);
      continue;
    }
    if (event.type === "start" || event.type === "end") {
      yield* closeRun(() => packager.discontinuity());
    }
    if (signal.aborted) return;
    yield event;
  }
  if (!signal.aborted) yield* closeRun(() => packager.flush());
}
