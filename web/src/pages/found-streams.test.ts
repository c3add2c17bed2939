import { describe, expect, it } from "vitest";
import type { ApiStream, StreamId } from "#protocol";
import { addressAt, type FoundStream, inOrder, matching, readStreams } from "./found-streams.ts";

const found = (
  letter: string,
  changes: Partial<ApiStream> = {},
  tracker?: string,
): FoundStream => ({
  stream: {
    id: letter.repeat(32) as StreamId,
    title: `Stream ${letter}`,
    live: true,
    watchUrl: `/watch/${letter.repeat(32)}`,
    tracks: [],
    viewers: 0,
    startedAt: "2026-01-01T00:00:00.000Z",
    ...changes,
  },
  tracker,
});

describe("the directory", () => {
  it("shows live streams first, then those with most viewers, each once", () => {
    const streams = [
      found("a", { live: false, viewers: 9 }),
      found("b", { viewers: 1 }),
      found("c", { viewers: 5 }),
      found("c", { viewers: 2 }, "https://t.example"),
    ];
    const order = inOrder(streams).map(({ stream }) => stream.id[0]);
    expect(order).toEqual(["c", "b", "a"]);
  });

  it("finds by all words, in title and tracker, whatever their case", () => {
    const streams = [found("a", { title: "Harbor Cam" }), found("b", {}, "https://sea.example")];
    expect(matching(streams, "CAM harbor")).toEqual([streams[0]]);
    expect(matching(streams, "sea")).toEqual([streams[1]]);
    expect(matching(streams, " ")).toEqual(streams);
    expect(matching(streams, "harbor train")).toEqual([]);
  });

  it("takes only streams from what another server answers, and only so many", () => {
    const { stream } = found("a");
    expect(readStreams([stream, null, { id: 7 }, { ...stream, id: "../../x" }])).toEqual([stream]);
    for (const answer of [undefined, null, {}, "streams", 7])
      expect(readStreams(answer)).toEqual([]);
    expect(readStreams(Array(600).fill(stream))).toHaveLength(500);
  });

  it("follows only addresses of pages", () => {
    expect(addressAt("https://t.example", "/watch/x")).toBe("https://t.example/watch/x");
    expect(addressAt("https://t.example", "javascript:alert(1)")).toBeUndefined();
  });
});
