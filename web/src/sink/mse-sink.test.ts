import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MeshChunk } from "#mesh";
import { toHex } from "#protocol";
import { FakeMediaSource, FakeVideo } from "../testing/fake-media-source.ts";
import { testDescriptor, testInit, testMediaChunk, testTrack } from "../testing/test-media.ts";
import { MseSink } from "./mse-sink.ts";

const audio = testTrack({ id: "a0", kind: "audio", codec: "mp4a.40.2", stripes: 1 });

beforeEach(() => {
  vi.stubGlobal("MediaSource", FakeMediaSource);
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:test");
});

afterEach(() => {
  FakeMediaSource.unsupported.clear();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function setUp() {
  const handlers = { onUpdate: vi.fn(), onFailure: vi.fn() };
  const sink = new MseSink(new FakeVideo() as unknown as HTMLVideoElement, handlers);
  const source = FakeMediaSource.last;
  if (source === undefined) throw new Error("no media source was made");
  return { sink, source, handlers };
}

function open(...tracks: Parameters<typeof testDescriptor>) {
  const parts = setUp();
  parts.sink.describe(testDescriptor(...tracks));
  parts.source.setOpen();
  parts.source.tellOpen();
  return parts;
}

/** What one source buffer was given, all of it. */
function given(source: FakeMediaSource, index = 0): string[] {
  const buffer = source.buffers[index];
  for (let i = 0; i < 50; i++) buffer?.finish();
  return buffer?.operations ?? [];
}

const appended = (bytes: Uint8Array) => `append ${bytes.join(",")}`;
const chunksAppended = (...chunks: MeshChunk[]) => chunks.map(({ bytes }) => appended(bytes));

describe("MseSink", () => {
  it("makes one source buffer a track, whichever is first: tracks or open source", () => {
    expect(open(testTrack(), audio).source.buffers).toHaveLength(2);

    const late = setUp();
    late.source.setOpen();
    late.source.tellOpen();
    expect(late.source.buffers).toHaveLength(0);
    late.sink.describe(testDescriptor(testTrack()));
    expect(late.source.buffers).toHaveLength(1);
  });

  // Four source buffers, two of them idle: such a media source has nothing buffered, for ever.
  it("makes them once when the tracks come between the opening and its event", () => {
    const { sink, source } = setUp();
    source.setOpen();
    sink.describe(testDescriptor(testTrack(), audio));
    source.tellOpen();
    expect(source.buffers).toHaveLength(2);
  });

  it("appends init segment and chunks in order, those from before the opening too", () => {
    const { sink, source } = setUp();
    const chunks = [testMediaChunk(10, 2000), testMediaChunk(11, 2200)] as const;
    sink.push(chunks[1]);
    sink.push(chunks[0]);
    sink.describe(testDescriptor(testTrack()));
    source.setOpen();
    source.tellOpen();
    sink.pump(0, 0, 0);
    expect(given(source)).toEqual([appended(testInit()), ...chunksAppended(...chunks)]);
    expect(sink.timeline.sourceTimeMs(2100)).toBe(10 * 200 + 100);
  });

  it("keeps the tracks apart and takes time from the picture", () => {
    const { sink, source } = open(audio, testTrack());
    sink.push(testMediaChunk(10, 2000, { track: 0, sourceTimeMs: 1 }));
    sink.push(testMediaChunk(20, 2000, { track: 1, sourceTimeMs: 5000 }));
    sink.pump(0, 0, 0);
    // The picture's source buffer is the first.
    expect(given(source, 0)).toHaveLength(2);
    expect(given(source, 1)).toHaveLength(2);
    expect(sink.timeline.sourceTimeMs(2000)).toBe(5000);
  });

  it("waits for the init segment a chunk needs, and for the chunk it belongs to", () => {
    const { sink, source } = open(testTrack());
    const old = testMediaChunk(10, 2000);
    const mono = testMediaChunk(11, 2200, { initVersion: 1, isIndependent: true });
    sink.push(old);
    sink.push(mono);
    sink.pump(0, 0, 0);
    expect(given(source)).toEqual([appended(testInit()), ...chunksAppended(old)]);
    sink.describe(testDescriptor(testTrack({ initVersion: 1, init: toHex(testInit(1)) })));
    sink.pump(0, 0, 0);
    expect(given(source).slice(2)).toEqual([appended(testInit(1)), ...chunksAppended(mono)]);
  });

  it("changes the type with the codec", () => {
    const { sink, source } = open(testTrack());
    const changed = { codec: "avc1.640028", initVersion: 1, init: toHex(testInit(1)) };
    sink.describe(testDescriptor(testTrack(changed)));
    sink.push(testMediaChunk(10, 2000, { initVersion: 1 }));
    sink.pump(0, 0, 0);
    expect(given(source)[0]).toBe('type video/mp4; codecs="avc1.640028"');
  });

  it("holds back until every track has a run", () => {
    const { sink, source } = open(testTrack(), audio);
    sink.push(testMediaChunk(10, 2000));
    sink.push(testMediaChunk(11, 2200));
    sink.push(testMediaChunk(30, 2000, { track: 1 }));
    sink.pump(0, 0, 350);
    expect(given(source)).toEqual([]);
    sink.push(testMediaChunk(31, 2200, { track: 1 }));
    sink.pump(0, 0, 350);
    expect(given(source)).toHaveLength(3);
  });

  it("names the codec this browser cannot play", () => {
    FakeMediaSource.unsupported.add('video/mp4; codecs="hvc1.1.6.L93"');
    const { handlers } = open(testTrack({ codec: "hvc1.1.6.L93" }), audio);
    expect(handlers.onFailure.mock.calls).toEqual([
      [{ code: "unsupported-codec", codec: "hvc1.1.6.L93" }],
    ]);
  });

  it("is outdated when media time goes back or the stream gets more tracks", () => {
    const restarted = open(testTrack());
    restarted.sink.push(testMediaChunk(10, 60_000));
    restarted.sink.pump(0, 0, 0);
    restarted.sink.push(testMediaChunk(1005, 0));
    expect(restarted.handlers.onFailure).toHaveBeenCalledWith({ code: "outdated" });

    const grown = open(testTrack());
    grown.sink.describe(testDescriptor(testTrack(), audio));
    expect(grown.handlers.onFailure).toHaveBeenCalledWith({ code: "outdated" });
  });

  it("reports media that is none, once", () => {
    const { sink, handlers } = open(testTrack());
    sink.push({ ...testMediaChunk(10, 0), bytes: Uint8Array.of(1, 2, 3) });
    sink.pump(0, 0, 0);
    sink.pump(0, 0, 0);
    expect(handlers.onFailure).toHaveBeenCalledTimes(1);
    expect(handlers.onFailure).toHaveBeenCalledWith(expect.objectContaining({ code: "refused" }));
  });

  it("says so in a browser without media sources", async () => {
    vi.stubGlobal("MediaSource", undefined);
    const onFailure = vi.fn();
    new MseSink(new FakeVideo() as unknown as HTMLVideoElement, { onUpdate: vi.fn(), onFailure });
    await vi.waitFor(() => expect(onFailure).toHaveBeenCalledWith({ code: "no-media-source" }));
  });
});
