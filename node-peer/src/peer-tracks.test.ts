import { describe, expect, it, vi } from "vitest";
import type { StreamDescriptor, TrackDescriptor } from "#protocol";
import { PeerTracks } from "./peer-tracks.ts";

function track(id: string, bitrateBps: number): TrackDescriptor {
  const kind = id.startsWith("v") ? "video" : "audio";
  return { id, kind, bitrateBps, codec: "x", stripes: 1, initVersion: 0, init: "" };
}

const LADDER = [
  track("v0", 5_000_000),
  track("v1", 2_500_000),
  track("v2", 700_000),
  track("a0", 100_000),
];
const stream = (tracks = LADDER, startedAtMs = 1) =>
  ({ tracks, startedAtMs, isLive: true }) as unknown as StreamDescriptor;

function setUp(wishes: ConstructorParameters<typeof PeerTracks>[0]) {
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn(), debug: vi.fn() };
  return { log, choice: new PeerTracks(wishes, log) };
}

describe("the tracks of a headless peer", () => {
  it.each([
    ["the best, when nothing is asked for", {}, ["v0", "a0"]],
    ["the one that is named", { track: "v1" }, ["v1", "a0"]],
    ["the sound alone", { track: "a0" }, ["a0"]],
    ["the best that takes no more than is allowed", { maxBitrateBps: 2_600_000 }, ["v1", "a0"]],
    ["the least, when all take more", { maxBitrateBps: 500_000 }, ["v2", "a0"]],
  ])("are %s", (_, wishes, ids) => {
    const { choice, log } = setUp(wishes);
    expect(choice.tracks(stream()).map((index) => LADDER[index]?.id)).toEqual(ids);
    expect(log.warn).not.toHaveBeenCalled();
  });

  it("stay the same while the publisher runs, whatever is measured", () => {
    const { choice } = setUp({ maxBitrateBps: 2_600_000 });
    choice.tracks(stream());
    const risen = LADDER.map((each) => ({ ...each, bitrateBps: each.bitrateBps * 2 }));
    expect(choice.tracks(stream(risen))).toEqual([1, 3]);
    expect(choice.joinVideo).toBe("v1");
    expect(choice.tracks(stream(risen, 2))).toEqual([2, 3]);
  });

  it("are all of a stream that has named only its sound so far, for its picture may follow", () => {
    const { choice } = setUp({});
    const sound = LADDER.slice(3);
    expect(choice.tracks(stream(sound))).toEqual(expect.arrayContaining([0, 1, 2]));
    expect(choice.tracks(stream([...sound, ...LADDER.slice(0, 3)]))).toEqual([0, 1]);
    expect(setUp({ track: "a0" }).choice.tracks(stream(sound))).toEqual([0]);
  });

  it("are said in one line where the stream does not have the one that is named", () => {
    const { choice, log } = setUp({ track: "v7" });
    expect(choice.joinVideo).toBe("v7");
    expect(choice.tracks(stream())).toEqual([0, 3]);
    choice.tracks(stream());
    expect(log.warn.mock.calls).toEqual([
      [{}, "--track v7: the stream has v0, v1, v2, a0; taking the best that is allowed"],
    ]);
  });
});
