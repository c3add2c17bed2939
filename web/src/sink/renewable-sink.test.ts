import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeMediaSource, FakeVideo } from "../testing/fake-media-source.ts";
import { testDescriptor, testMediaChunk, testTrack } from "../testing/test-media.ts";
import { RenewableSink } from "./renewable-sink.ts";

const CHUNK_MS = 200;
const audio = testTrack({ id: "a0", kind: "audio", codec: "mp4a.40.2", stripes: 1 });

beforeEach(() => {
  vi.stubGlobal("MediaSource", FakeMediaSource);
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:test");
  vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function setUp() {
  const handlers = {
    onUpdate: vi.fn(),
    onRenew: vi.fn(),
    onRendition: vi.fn(),
    onFailure: vi.fn(),
  };
  const sink = new RenewableSink(new FakeVideo() as unknown as HTMLVideoElement, handlers);
  sink.describe(testDescriptor(testTrack(), audio));
  let sequence = 0;
  return {
    sink,
    handlers,
    /** Chunks of these tracks at their own pace; the media source opens as soon as it is there. */
    flow(ms: number, ...tracks: number[]) {
      for (const end = sequence + ms / CHUNK_MS; sequence < end; sequence++) {
        for (const track of tracks) {
          const isIndependent = track === 1 || sequence % 5 === 0;
          const chunk = testMediaChunk(sequence, sequence * CHUNK_MS, { track, isIndependent });
          sink.push(chunk, sequence * CHUNK_MS);
        }
      }
    },
  };
}

/** Appends to each source buffer of the newest media source, once it has opened. */
function appends(sink: RenewableSink): number[] {
  const source = FakeMediaSource.last;
  source?.setOpen();
  source?.tellOpen();
  sink.current.pump(0, 0, 0);
  return (source?.buffers ?? []).map((buffer) => {
    for (let i = 0; i < 100; i++) buffer.finish();
    return buffer.operations.length;
  });
}

describe("RenewableSink", () => {
  it("goes on without a track that stays away once playback waits for it", () => {
    const { sink, handlers, flow } = setUp();
    flow(2000, 0, 1);
    flow(4000, 0);
    sink.adaptTracks(false);
    expect(handlers.onRenew).not.toHaveBeenCalled();
    sink.adaptTracks(true);
    sink.adaptTracks(true);
    expect(handlers.onRenew).toHaveBeenCalledTimes(1);
    expect(sink.renewals).toEqual({ count: 1, lastReason: "a0 stays away" });
    expect(appends(sink)).toHaveLength(1);
  });

  it("begins the new source with what came last, not with the next key frame", () => {
    const { sink, flow } = setUp();
    flow(2000, 0, 1);
    flow(4000, 0);
    sink.adaptTracks(true);
    // Init segment and six seconds.
    expect(appends(sink)).toEqual([1 + 6000 / CHUNK_MS]);
  });

  it("takes both tracks again when the missing one is back, waiting or not", () => {
    const { sink, flow } = setUp();
    flow(2000, 0, 1);
    flow(4000, 0);
    sink.adaptTracks(true);
    flow(4000, 0);
    flow(800, 0, 1);
    sink.adaptTracks(true);
    expect(sink.renewals.count).toBe(1);
    flow(200, 0, 1);
    sink.adaptTracks(false);
    expect(sink.renewals).toEqual({ count: 2, lastReason: "a0 is back" });
    const [video, sound] = appends(sink);
    expect(video).toBeGreaterThan(20);
    expect(sound).toBe(1 + 5);
  });

  it("goes on with the sound alone when the picture stays away", () => {
    const { sink, flow } = setUp();
    flow(2000, 0, 1);
    flow(3200, 1);
    sink.adaptTracks(true);
    expect(sink.renewals.lastReason).toBe("v0 stays away");
    expect(appends(sink)).toHaveLength(1);
  });

  it("does not begin with chunks from before the publisher started anew", () => {
    const { sink, flow } = setUp();
    flow(2000, 0, 1);
    appends(sink);
    for (let i = 0; i < 20; i++) {
      const atMs = 2000 + i * CHUNK_MS;
      sink.push(testMediaChunk(1000 + i, i * CHUNK_MS, { sourceTimeMs: atMs }), atMs);
    }
    expect(sink.renewals.lastReason).toBe("the publisher started anew");
    sink.adaptTracks(true);
    expect(sink.renewals.lastReason).toBe("a0 stays away");
    expect(appends(sink)).toEqual([1 + 20]);
  });

  it("takes another media source for the sound alone, and for the picture again", () => {
    const { sink, handlers, flow } = setUp();
    flow(1000, 0, 1);
    expect(appends(sink)).toHaveLength(2);
    sink.changeTo("a0");
    expect(handlers.onRendition).toHaveBeenLastCalledWith("a0");
    flow(1000, 1);
    expect(appends(sink)).toHaveLength(1);
    expect(sink.renewals).toEqual({ count: 1, lastReason: "sound alone was chosen" });
    sink.changeTo("v0");
    flow(1000, 0, 1);
    expect(appends(sink)).toHaveLength(2);
    // Neither is missed while it was not wanted.
    sink.adaptTracks(true);
    expect(sink.renewals.count).toBe(2);
  });
});
