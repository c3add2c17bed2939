import { setTimeout as delay } from "node:timers/promises";
import { unwrap } from "./container/unwrap.ts";
import { Pacer } from "./pacer.ts";
import type { Packager, PackagerEvent } from "./packager.ts";
import { SLATE_STEP_MS, SlateWatch } from "./slate-watch.ts";
import type { Source, SourceEvent } from "./source.ts";

/** What comes out of a source once it is packaged: `Publisher.accept` takes tracks and chunks. */
export type IngestEvent =
  | PackagerEvent
  | Exclude<SourceEvent, { type: "bytes" | "packet" }>
  /** Nothing comes, and what follows is a still picture and silence, until something does. */
  | { type: "slate" };

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
  /** How long nothing may come before a slate takes its place, in ms. Default: for ever. */
  slateAfterMs?: number | undefined;
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
  { clock = systemClock, slateAfterMs = Number.POSITIVE_INFINITY, signal }: PackagedEventsOptions,
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

  const slate = new SlateWatch(slateAfterMs, clock.nowMs());

  async function* showSlate(): AsyncGenerator<IngestEvent, void, void> {
    const wasShown = slate.isShown;
    const nowMs = clock.nowMs();
    // An encoder that hangs has said no good-bye.
    const rest = wasShown ? [] : packager.discontinuity();
    const stretch = packager.hold?.(SLATE_STEP_MS, nowMs) ?? [];
    if (stretch.length === 0) slate.nothingToShow(nowMs);
    else slate.shown(nowMs);
    yield* paced(rest);
    if (!wasShown && slate.isShown) yield { type: "slate" };
    yield* paced(stretch);
  }

  const events = source.events(signal);
  const media = packager.pushPacket === undefined ? events : unwrap(events);
  for await (const event of eventsOrQuiet(media, clock, slate)) {
    if (signal.aborted) return;
    if (event === "quiet") {
      yield* showSlate();
      continue;
    }
    if (event.type === "bytes" || event.type === "packet") {
      const nowMs = clock.nowMs();
      const wasSlate = slate.isShown;
      slate.heard(nowMs);
      seen.bytes = true;
      if (wasSlate) yield* paced(packager.discontinuity());
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

/** The source's events, and `quiet` whenever a slate is due before the next one comes. */
async function* eventsOrQuiet(
  events: AsyncIterable<SourceEvent>,
  clock: IngestClock,
  slate: SlateWatch,
): AsyncGenerator<SourceEvent | "quiet", void, void> {
  const iterator = events[Symbol.asyncIterator]();
  let isDone = false;
  try {
    while (!isDone) {
      const next = iterator.next();
      let result = await orQuiet(next, clock, slate);
      while (result === "quiet") {
        yield "quiet";
        result = await orQuiet(next, clock, slate);
      }
      isDone = result.done === true;
      if (!result.done) yield result.value;
    }
  } finally {
    if (!isDone) await iterator.return?.();
  }
}

async function orQuiet<T>(
  next: Promise<T>,
  clock: IngestClock,
  { dueAtMs }: SlateWatch,
): Promise<T | "quiet"> {
  if (!Number.isFinite(dueAtMs)) return next;
  const waiting = new AbortController();
  const quiet = clock
    .sleep(Math.max(0, dueAtMs - clock.nowMs()), waiting.signal)
    .then(() => "quiet" as const);
  try {
    return await Promise.race([next, quiet]);
  } finally {
    waiting.abort();
  }
}
