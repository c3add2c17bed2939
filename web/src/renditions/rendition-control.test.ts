import { describe, expect, it, vi } from "vitest";
import { FakeMediaSource } from "../testing/fake-media-source.ts";
import { testDescriptor, testTrack } from "../testing/test-media.ts";
import { AUTO, RenditionControl } from "./rendition-control.ts";
import { RenditionRule, type RenditionSample } from "./rendition-rule.ts";

const [HIGH, LOW, AUDIO] = [0, 1, 2];
const stream = testDescriptor(
  testTrack({ id: "v0", bitrateBps: 2_500_000, height: 720, width: 1280 }),
  testTrack({ id: "v1", bitrateBps: 700_000, height: 360, width: 640 }),
  testTrack({ id: "a0", kind: "audio", codec: "mp4a.40.2", bitrateBps: 128_000 }),
);

function setUp(wish = AUTO) {
  const handlers = { onTracks: vi.fn(), onChange: vi.fn() };
  const control = new RenditionControl(wish, handlers, () => new RenditionRule());
  return { control, handlers };
}

function sample(nowMs: number, changes: Partial<RenditionSample> = {}): RenditionSample {
  const calm = { forwardBufferMs: 700, receivedBytes: nowMs * 100, isPlaying: true };
  return { nowMs, ...calm, droppedFrames: 0, totalFrames: 0, isHidden: false, ...changes };
}

describe("RenditionControl", () => {
  it("begins with what a newcomer can count on, as the origin does", () => {
    const { control } = setUp();
    expect(control.joinVideo).toBeUndefined();
    expect(control.tracks(stream)).toEqual([LOW, AUDIO]);
    expect(control.current).toBe("v1");
  });

  it("leaves out what this browser does not decode, and does not have it brought", () => {
    const hevc = testTrack({ id: "v0", codec: "hvc1.1.6.L93.B0", bitrateBps: 2_500_000 });
    const audio = testTrack({ id: "a0", kind: "audio", codec: "mp4a.40.2" });
    vi.stubGlobal("MediaSource", FakeMediaSource);
    FakeMediaSource.unsupported.add('video/mp4; codecs="hvc1.1.6.L93.B0"');
    const { control } = setUp();
    expect(control.tracks(testDescriptor(hevc, audio))).toEqual([1]);
    expect(control.current).toBe("a0");
    expect(control.list.map(({ id }) => id)).toEqual(["a0"]);
    FakeMediaSource.unsupported.clear();
    vi.unstubAllGlobals();
  });

  it("begins with what is wished for, and joins with it", () => {
    const { control } = setUp("v0");
    expect(control.joinVideo).toBe("v0");
    expect(control.tracks(stream)).toEqual([HIGH, AUDIO]);
  });

  it("begins as ever when the stream does not have what is wished for", () => {
    const { control } = setUp("v7");
    expect(control.tracks(stream)).toEqual([LOW, AUDIO]);
  });

  it("takes both pictures while it changes, and the sound all the time", () => {
    const { control, handlers } = setUp();
    control.tracks(stream);
    control.choose("v0", 0);
    expect(handlers.onChange).toHaveBeenLastCalledWith("v0");
    expect(control.tracks(stream)).toEqual([HIGH, LOW, AUDIO]);
    expect(control.joinVideo).toBe("v0");
    control.changed("v0");
    expect(control.tracks(stream)).toEqual([HIGH, AUDIO]);
    expect(handlers.onTracks).toHaveBeenCalledTimes(2);
  });

  it("stays with what is played when the wish comes back to it in time", () => {
    const { control, handlers } = setUp("v1");
    control.tracks(stream);
    control.choose("v0", 0);
    control.choose("v1", 0);
    expect(handlers.onChange.mock.calls).toEqual([["v0"], [undefined]]);
    expect(control.tracks(stream)).toEqual([LOW, AUDIO]);
  });

  it("hears the sound alone when that is chosen, and goes back to the least picture", () => {
    const { control, handlers } = setUp();
    control.tracks(stream);
    control.choose("a0", 0);
    control.changed("a0");
    expect(control.tracks(stream)).toEqual([AUDIO]);
    expect(control.joinVideo).toBe("none");
    control.choose(AUTO, 0);
    control.look(sample(1000));
    expect(handlers.onChange).toHaveBeenLastCalledWith("v1");
  });

  it("takes the picture at once when a stream that begins names it after its sound", () => {
    const { control, handlers } = setUp();
    const sound = testDescriptor(testTrack({ id: "a0", kind: "audio", codec: "mp4a.40.2" }));
    control.tracks(sound);
    control.described(0);
    expect(handlers.onChange).not.toHaveBeenCalled();
    control.tracks(stream);
    control.described(1);
    expect(handlers.onChange).toHaveBeenLastCalledWith("v1");
    const listening = setUp("a0");
    listening.control.tracks(stream);
    listening.control.described(0);
    expect(listening.handlers.onChange).not.toHaveBeenCalled();
  });

  it("chooses by itself only when nobody has", () => {
    const { control, handlers } = setUp();
    control.tracks(stream);
    for (let nowMs = 0; nowMs <= 8000; nowMs += 1000) control.look(sample(nowMs));
    expect(handlers.onChange).toHaveBeenCalledWith("v0");
    const insisting = setUp("v1");
    insisting.control.tracks(stream);
    for (let nowMs = 0; nowMs <= 30_000; nowMs += 1000) insisting.control.look(sample(nowMs));
    expect(insisting.handlers.onChange).not.toHaveBeenCalled();
  });

  it("gives a change up that does not come about", () => {
    const { control, handlers } = setUp();
    control.tracks(stream);
    for (let nowMs = 0; nowMs <= 30_000; nowMs += 1000) control.look(sample(nowMs));
    expect(handlers.onChange.mock.calls.slice(0, 2)).toEqual([["v0"], [undefined]]);
  });

  it("begins anew when the publisher came back with other renditions", () => {
    const { control } = setUp("v0");
    control.tracks(stream);
    const sound = testDescriptor(testTrack({ id: "a0", kind: "audio", codec: "mp4a.40.2" }));
    expect(control.tracks(sound)).toEqual([0]);
    expect(control.current).toBe("a0");
  });
});
