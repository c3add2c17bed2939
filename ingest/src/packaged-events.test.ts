import { describe, expect, it } from "vitest";
import { type IngestClock, type IngestEvent, packagedEvents } from "./packaged-events.ts";
import { TsPackager } from "./packager/ts-packager.ts";
import type { PackagedChunk, Packager, PackagerEvent } from "./packager.ts";
import type { Source, SourceEvent } from "./source.ts";
import { createSource } from "./sources/create-source.ts";
import { packagedChunk } from "./testing/packaged.ts";

const START_MS = 1_000_000;

/** Time passes only in `sleep`. */
class TestClock implements IngestClock {
  readonly sleeps: number[] = [];
  #nowMs = START_MS;

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number): Promise<void> {
    this.sleeps.push(ms);
    this.#nowMs += ms;
  }
}

/** Yields what it was given; notes how far it was pulled. */
class ScriptedSource implements Source {
  readonly name = "script";
  pulls = 0;

  constructor(
    readonly aheadMs: number,
    readonly script: readonly SourceEvent[],
  ) {}

  async *events(): AsyncGenerator<SourceEvent> {
    for (const event of this.script) {
      this.pulls++;
      yield event;
    }
  }
}

/** Makes a 200 ms chunk of every push; records its calls. */
class ScriptedPackager implements Packager {
  readonly calls: string[] = [];
  #sequence = 0;
  #isAfterGap = false;

  push(bytes: Uint8Array, wallClockMs: number): PackagerEvent[] {
    this.calls.push(`push ${bytes.join()} at ${wallClockMs - START_MS}`);
    const sequence = this.#sequence++;
    const isDiscontinuity = this.#isAfterGap;
    this.#isAfterGap = false;
    const mediaTimeMs = sequence * 200;
    const chunk = packagedChunk("video", sequence, { mediaTimeMs, isDiscontinuity });
    return [{ type: "chunk", chunk }];
  }

  discontinuity(): PackagerEvent[] {
    this.calls.push("discontinuity");
    this.#isAfterGap = true;
    return [];
  }

  flush(): PackagerEvent[] {
    this.calls.push("flush");
    return [];
  }
}

const start: SourceEvent = { type: "start", description: "encoder" };
const end: SourceEvent = { type: "end", reason: "gone" };
const bytes = (value: number): SourceEvent => ({ type: "bytes", bytes: Uint8Array.of(value) });

function scene(script: SourceEvent[], aheadMs = 0) {
  const clock = new TestClock();
  const packager = new ScriptedPackager();
  const source = new ScriptedSource(aheadMs, script);
  const abort = new AbortController();
  const events = packagedEvents(source, packager, { clock, signal: abort.signal });
  return { clock, packager, source, abort, events };
}

async function all(events: AsyncIterable<IngestEvent>): Promise<IngestEvent[]> {
  const found: IngestEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

describe("a source through the packager", () => {
  it("paces chunks, and reads no further while one waits", async () => {
    const { clock, packager, source, events } = scene([start, bytes(1), bytes(2), bytes(3)]);
    const found = await all(events);
    expect(found.map(({ type }) => type)).toEqual(["start", "chunk", "chunk", "chunk"]);
    expect(packager.calls).toEqual(["push 1 at 0", "push 2 at 0", "push 3 at 200", "flush"]);
    expect(clock.sleeps).toEqual([200, 200]);
    expect(source.pulls).toBe(4);
  });

  it("pulls only as far as its consumer does", async () => {
    const { source, events } = scene([start, bytes(1), bytes(2), bytes(3)], 1000);
    await events.next();
    await events.next();
    expect(source.pulls).toBe(2);
  });

  it("lets a live source run ahead as far as it says", async () => {
    const { clock, events } = scene([start, ...[1, 2, 3, 4, 5, 6, 7].map(bytes)], 1000);
    await all(events);
    expect(clock.sleeps).toEqual([200]);
  });

  // Paced out, four of five seconds stayed in TCP's buffers for good, and no figure showed it.
  it("passes on at once what a live encoder kept while its network hung", async () => {
    const clock = new TestClock();
    const source: Source = {
      name: "script",
      aheadMs: 1000,
      async *events() {
        yield bytes(0);
        await clock.sleep(5000);
        for (let i = 1; i <= 25; i++) yield bytes(i);
      },
    };
    const signal = new AbortController().signal;
    await all(packagedEvents(source, new ScriptedPackager(), { clock, signal }));
    expect(clock.sleeps).toEqual([5000]);
  });

  it("tells the packager of every new beginning once, when the old one ends", async () => {
    const script = [start, bytes(1), end, start, bytes(2), start, bytes(3), end];
    const { packager, events } = scene(script, 1000);
    const found = await all(events);
    expect(packager.calls).toEqual([
      "push 1 at 0",
      "discontinuity",
      "push 2 at 0",
      "discontinuity",
      "push 3 at 0",
      "discontinuity",
    ]);
    expect(found.map(({ type }) => type).join(" ")).toBe(
      "start chunk end start chunk start chunk end",
    );
  });

  it("passes on what the source says", async () => {
    const news: SourceEvent[] = [
      { type: "waiting", message: "waiting" },
      { type: "warning", message: "refused" },
    ];
    expect(await all(scene(news).events)).toEqual(news);
  });

  it("ends on abort, without a flush and without the chunk that was waiting", async () => {
    const { clock, packager, abort, events } = scene([start, bytes(1), bytes(2), bytes(3)]);
    await events.next();
    await events.next();
    clock.sleep = async () => abort.abort();
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(packager.calls).toEqual(["push 1 at 0", "push 2 at 0"]);
  });
});

describe("a source without anything to play", () => {
  it("says so, and pauses before it starts over", async () => {
    const { clock, packager, events } = scene([start, bytes(1), start, bytes(2), end]);
    packager.push = () => [];
    const message = "script: nothing playable came; needed is MPEG-TS, MP4, Matroska or WebM";
    expect(await all(events)).toEqual([
      start,
      { type: "warning", message },
      start,
      { type: "warning", message },
      end,
    ]);
    expect(clock.sleeps).toEqual([1000, 1000]);
  });

  it("leaves the word to the packager when that knows what is wrong", async () => {
    const { packager, events } = scene([start, bytes(1), end]);
    packager.push = () => [{ type: "warning", message: "HEVC video is not supported" }];
    const found = await all(events);
    expect(found.filter(({ type }) => type === "warning")).toEqual([
      { type: "warning", message: "HEVC video is not supported" },
    ]);
  });
});

describe("the built-in clip through the real packager", () => {
  it("loops without a gap, in real time", async () => {
    const clock = new TestClock();
    const packager = new TsPackager({ chunkMs: 200 });
    const abort = new AbortController();
    const chunks: PackagedChunk[] = [];
    const { signal } = abort;
    for await (const event of packagedEvents(createSource("test://pattern"), packager, {
      clock,
      signal,
    })) {
      expect(event.type).not.toBe("warning");
      if (event.type !== "chunk") continue;
      chunks.push(event.chunk);
      // The first chunk went out when it began; none may go out earlier.
      expect(event.chunk.mediaTimeMs).toBeLessThanOrEqual(clock.nowMs() - START_MS + 0.001);
      if (event.chunk.mediaTimeMs >= 30_000) abort.abort();
    }
    for (const kind of ["video", "audio"] as const) {
      const track = chunks.filter((chunk) => chunk.kind === kind);
      let endMs = track[0]?.mediaTimeMs ?? Number.NaN;
      for (const chunk of track) {
        expect(Math.abs(chunk.mediaTimeMs - endMs)).toBeLessThan(0.05);
        endMs = chunk.mediaTimeMs + chunk.durationMs;
      }
      const firstMs = track[0]?.mediaTimeMs ?? Number.NaN;
      const seams = track.filter(({ isDiscontinuity }) => isDiscontinuity);
      expect(seams.map(({ mediaTimeMs }) => Math.round(mediaTimeMs - firstMs))).toEqual([
        9600, 19_200, 28_800,
      ]);
    }
    expect(clock.nowMs() - START_MS).toBeGreaterThan(29_900);
  });
});
