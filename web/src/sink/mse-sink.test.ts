import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MeshChunk } from "#mesh";
import { toHex } from "#protocol";
import {
  FakeManagedMediaSource,
  FakeMediaSource,
  FakeVideo,
} from "../testing/fake-media-source.ts";
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
  const handlers = { onUpdate: vi.fn(), onRendition: vi.fn(), onFailure: vi.fn() };
  const video = new FakeVideo();
  const sink = new MseSink(video as unknown as HTMLVideoElement, handlers);
  const source = FakeMediaSource.last;
  if (source === undefined) throw new Error("no media source was made");
  return { sink, source, video, handlers };
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

  it("plays what it can: the sound, where the browser does not know the picture's codec", () => {
    FakeMediaSource.unsupported.add('video/mp4; codecs="hvc1.1.6.L93"');
    const { handlers, sink, source } = open(testTrack({ codec: "hvc1.1.6.L93" }), audio);
    const sound = testMediaChunk(30, 2000, { track: 1 });
    sink.push(testMediaChunk(10, 2000));
    sink.push(sound);
    sink.pump(0, 0, 0);
    expect(source.buffers).toHaveLength(1);
    expect(given(source)).toEqual([appended(testInit()), ...chunksAppended(sound)]);
    expect(handlers.onFailure).not.toHaveBeenCalled();
  });

  it("names the codec if the browser can play nothing of it", () => {
    FakeMediaSource.unsupported.add('video/mp4; codecs="hvc1.1.6.L93"');
    const { handlers } = open(testTrack({ codec: "hvc1.1.6.L93" }));
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
    new MseSink(new FakeVideo() as unknown as HTMLVideoElement, {
      onUpdate: vi.fn(),
      onRendition: vi.fn(),
      onFailure,
    });
    await vi.waitFor(() => expect(onFailure).toHaveBeenCalledWith({ code: "no-media-source" }));
  });

  describe("with another rendition to go on with", () => {
    const low = testTrack({ id: "v1", init: toHex(testInit(1)) });
    const lowChunk = (sequence: number, changes: Partial<MeshChunk> = {}) =>
      testMediaChunk(sequence, sequence * 200, {
        track: 1,
        sourceTimeMs: sequence * 200 + 1,
        ...changes,
      });
    const highChunk = (sequence: number) => testMediaChunk(sequence, sequence * 200);

    function playing(sequence: number) {
      const parts = open(testTrack(), low);
      const chunks = Array.from({ length: sequence + 1 }, (_, at) => highChunk(at));
      for (const chunk of chunks) parts.sink.push(chunk);
      parts.sink.pump(0, 600, 0);
      given(parts.source);
      return parts;
    }

    function appendedAfter(parts: ReturnType<typeof playing>, before: number): string[] {
      return given(parts.source).slice(before);
    }

    it("plays the present one up to a key frame ahead of the playhead, and the other from there", () => {
      const parts = playing(5);
      const before = given(parts.source).length;
      parts.sink.changeTo("v1");
      // It comes from between two key frames on.
      for (const sequence of [7, 8, 9, 10]) parts.sink.push(lowChunk(sequence));
      for (const sequence of [6, 7, 8]) parts.sink.push(highChunk(sequence));
      parts.sink.pump(0, 600, 0);
      // Chunk 9 of the present one has not come: there would be a hole.
      expect(appendedAfter(parts, before)).toEqual(chunksAppended(...[6, 7, 8].map(highChunk)));
      expect(parts.handlers.onRendition).not.toHaveBeenCalled();
      parts.sink.push(highChunk(9));
      parts.sink.pump(0, 600, 0);
      parts.sink.pump(0, 600, 0);
      expect(parts.handlers.onRendition).toHaveBeenCalledExactlyOnceWith("v1");
      expect(appendedAfter(parts, before).slice(3)).toEqual([
        ...chunksAppended(highChunk(9)),
        appended(testInit(1)),
        ...chunksAppended(lowChunk(10)),
      ]);
      expect(parts.sink.shownAt(1999)).toBe("v0");
      expect(parts.sink.shownAt(2000)).toBe("v1");
      expect(parts.source.buffers).toHaveLength(1);
    });

    it("does not replace what the decoder has already", () => {
      const parts = playing(9);
      const video = parts.video;
      video.currentTime = 0.8;
      parts.sink.changeTo("v1");
      for (const sequence of [5, 6, 7, 8, 9]) parts.sink.push(lowChunk(sequence));
      // A key frame at 1.0 s is too near to 0.8 s.
      parts.sink.pump(0, 600, 0);
      expect(parts.handlers.onRendition).not.toHaveBeenCalled();
      parts.sink.push(lowChunk(10));
      parts.sink.pump(0, 600, 0);
      expect(parts.handlers.onRendition).toHaveBeenCalledWith("v1");
      expect(parts.sink.shownAt(1900)).toBe("v0");
    });

    it("replaces media that is further ahead", () => {
      const parts = playing(9);
      const before = given(parts.source).length;
      parts.sink.changeTo("v1");
      for (const sequence of [5, 6]) parts.sink.push(lowChunk(sequence));
      parts.sink.pump(0, 600, 0);
      expect(appendedAfter(parts, before)).toEqual([
        appended(testInit(1)),
        ...chunksAppended(lowChunk(5), lowChunk(6)),
      ]);
    });

    it("goes on with what there is once the present one has run dry", () => {
      const parts = playing(3);
      parts.video.currentTime = 0.8;
      parts.sink.changeTo("v1");
      parts.sink.push(lowChunk(5));
      parts.sink.pump(0, 200, 0);
      expect(parts.handlers.onRendition).not.toHaveBeenCalled();
      parts.sink.pump(0, 0, 0);
      expect(parts.handlers.onRendition).toHaveBeenCalledWith("v1");
    });

    it("stays when it is told to", () => {
      const parts = playing(5);
      const before = given(parts.source).length;
      parts.sink.changeTo("v1");
      parts.sink.changeTo(undefined);
      for (const sequence of [5, 10]) parts.sink.push(lowChunk(sequence));
      parts.sink.pump(0, 600, 0);
      expect(appendedAfter(parts, before)).toEqual([]);
    });

    it("begins with the one it is told to", () => {
      const parts = setUp();
      parts.sink.describe(testDescriptor(testTrack(), low), "v1");
      parts.source.setOpen();
      parts.source.tellOpen();
      parts.sink.push(highChunk(0));
      parts.sink.push(lowChunk(0));
      parts.sink.pump(0, 0, 0);
      expect(given(parts.source)).toEqual([appended(testInit(1)), ...chunksAppended(lowChunk(0))]);
    });
  });
});

describe("MseSink with a managed media source, as on iPhones", () => {
  function openManaged() {
    vi.stubGlobal("ManagedMediaSource", FakeManagedMediaSource);
    const parts = open(testTrack());
    const { source } = parts;
    if (!(source instanceof FakeManagedMediaSource)) throw new Error("not the managed one");
    return { ...parts, source };
  }

  it("takes it instead of the plain one, and gives up remote playback, or it would not open", () => {
    expect(openManaged().video.disableRemotePlayback).toBe(true);
  });

  it("gives it media before it asks, for nobody can play without", () => {
    const { sink, source } = openManaged();
    const first = testMediaChunk(10, 2000);
    sink.push(first);
    sink.pump(0, 0, 0);
    expect(given(source)).toEqual([appended(testInit()), ...chunksAppended(first)]);
  });

  it("holds media back from endstreaming to startstreaming, and loses none of it", () => {
    const { sink, source, handlers } = openManaged();
    const chunks = [10, 11, 12].map((n) => testMediaChunk(n, n * 200));
    const [first, ...others] = chunks;
    if (first === undefined) throw new Error("no chunk");
    sink.push(first);
    sink.pump(0, 0, 0);
    source.setStreaming(true);
    source.setStreaming(false);
    for (const chunk of others) sink.push(chunk);
    sink.pump(200, 5000, 0);
    expect(given(source)).toEqual([appended(testInit()), ...chunksAppended(first)]);
    handlers.onUpdate.mockClear();
    source.setStreaming(true);
    expect(handlers.onUpdate).toHaveBeenCalledTimes(1);
    sink.pump(400, 4800, 0);
    expect(given(source)).toEqual([appended(testInit()), ...chunksAppended(...chunks)]);
  });
});
