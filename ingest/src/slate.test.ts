import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type IngestEvent, packagedEvents } from "./packaged-events.ts";
import { TsPackager } from "./packager/ts-packager.ts";
import type { PackagedChunk } from "./packager.ts";
import type { Source, SourceEvent } from "./source.ts";
import { clipPath } from "./sources/clip-path.ts";
import { slices } from "./sources/slices.ts";

const clip = readFileSync(clipPath());

/** An encoder that sends the clip's beginning, is quiet until told otherwise, and sends it again. */
class DroppingSource implements Source {
  readonly name = "dropping";
  readonly aheadMs = 1000;
  #comeBack: () => void = () => {};
  readonly #isBack = new Promise<void>((resolve) => {
    this.#comeBack = resolve;
  });

  constructor(readonly sayGoodbye: boolean) {}

  comeBack(): void {
    this.#comeBack();
  }

  async *events(): AsyncGenerator<SourceEvent> {
    yield { type: "start", description: "first" };
    yield* clipBytes();
    if (this.sayGoodbye) yield { type: "end", reason: "gone" };
    await this.#isBack;
    if (this.sayGoodbye) yield { type: "start", description: "second" };
    yield* clipBytes();
  }
}

function* clipBytes(): Generator<SourceEvent> {
  for (const bytes of slices(clip.subarray(0, 188 * 1500))) yield { type: "bytes", bytes };
}

/** Runs until so many stretches of slate were shown, lets the encoder come back, runs to the end. */
async function run(source: DroppingSource): Promise<IngestEvent[]> {
  const packager = new TsPackager({ chunkMs: 200 });
  let nowMs = 1_000_000;
  const clock = {
    nowMs: () => nowMs,
    // Whoever has something to give gives it first; only when all wait, time passes.
    async sleep(ms: number, signal: AbortSignal) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (!signal.aborted) nowMs += ms;
    },
  };
  const events: IngestEvent[] = [];
  const options = { clock, slateAfterMs: 2000, signal: new AbortController().signal };
  let slateAt = -1;
  for await (const event of packagedEvents(source, packager, options)) {
    events.push(event);
    if (event.type === "slate") slateAt = events.length;
    if (slateAt >= 0 && events.length - slateAt > 12) source.comeBack();
  }
  return events;
}

function chunksOf(events: readonly IngestEvent[], kind: "video" | "audio"): PackagedChunk[] {
  return events.flatMap((event) =>
    event.type === "chunk" && event.chunk.kind === kind ? [event.chunk] : [],
  );
}

describe.each([
  ["says good-bye", true],
  ["just stops sending", false],
])("an encoder that %s", (_, sayGoodbye) => {
  it("is replaced by its last key frame and silence, without a gap and without a new init segment", async () => {
    const events = await run(new DroppingSource(sayGoodbye));
    const at = events.findIndex(({ type }) => type === "slate");
    expect(at).toBeGreaterThan(0);
    for (const kind of ["video", "audio"] as const) {
      const chunks = chunksOf(events, kind);
      const slate = chunksOf(events.slice(at), kind).filter(
        ({ sequence }) => sequence < chunks.length,
      );
      expect(slate.length).toBeGreaterThan(2);
      for (const [index, chunk] of chunks.entries()) {
        const before = chunks[index - 1];
        if (before === undefined) continue;
        expect(chunk.sequence).toBe(before.sequence + 1);
        const gapMs = chunk.mediaTimeMs - (before.mediaTimeMs + before.durationMs);
        expect(Math.abs(gapMs)).toBeLessThan(50);
        expect(chunk.sourceTimeMs).toBeGreaterThanOrEqual(before.sourceTimeMs);
      }
      expect(new Set(chunks.map(({ initVersion }) => initVersion)).size).toBe(1);
    }
    expect(events.filter(({ type }) => type === "track")).toHaveLength(2);
  });

  it("is live again with its first key frame, and the slate is over", async () => {
    const events = await run(new DroppingSource(sayGoodbye));
    const video = chunksOf(events, "video");
    const breaks = video.filter(({ isDiscontinuity }) => isDiscontinuity);
    // Into the slate, and out of it.
    expect(breaks).toHaveLength(2);
    expect(breaks.every(({ isIndependent }) => isIndependent)).toBe(true);
    const [into, outOf] = breaks as [PackagedChunk, PackagedChunk];
    const held = video.filter(
      ({ sequence }) => sequence >= into.sequence && sequence < outOf.sequence,
    );
    expect(held.every(({ durationMs, isIndependent }) => durationMs === 500 && isIndependent)).toBe(
      true,
    );
    expect(video.at(-1)?.durationMs).toBeLessThan(300);
  });
});

it("does not come before there was a picture, nor without being asked for", async () => {
  const quiet: Source = {
    name: "quiet",
    aheadMs: 1000,
    async *events(): AsyncGenerator<SourceEvent> {
      yield { type: "waiting", message: "waiting" };
      await new Promise((resolve) => setTimeout(resolve, 50));
    },
  };
  let nowMs = 0;
  const clock = {
    nowMs: () => nowMs,
    async sleep(ms: number) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      nowMs += ms;
    },
  };
  const options = { clock, slateAfterMs: 2000, signal: new AbortController().signal };
  const events: IngestEvent[] = [];
  const packager = new TsPackager({ chunkMs: 200 });
  for await (const event of packagedEvents(quiet, packager, options)) events.push(event);
  expect(events).toEqual([{ type: "waiting", message: "waiting" }]);
});
