import { describe, expect, it } from "vitest";
import { IdleMuxer } from "./idle-muxer.ts";
import type { MediaChunk, MediaEvent, MediaTrack } from "./media-chunk.ts";

const video: MediaTrack = { kind: "video", init: new Uint8Array(), initVersion: 0, timescale: 1 };
const tracks: MediaEvent = { type: "tracks", tracks: [video] };

function chunk(startMs: number, isIndependent: boolean, sizeBytes = 1): MediaEvent {
  const bytes = new Uint8Array(sizeBytes);
  const made: MediaChunk = {
    track: video,
    startMs,
    endMs: startMs + 200,
    isIndependent,
    samples: [],
    bytes,
  };
  return { type: "chunk", chunk: made };
}

/** Tells of each event by where it begins. */
function createMuxer() {
  const made: (number | "tracks")[] = [];
  let created = 0;
  const muxer = new IdleMuxer(
    () => {
      created++;
      return {
        push: (event: MediaEvent) => [
          event.type === "tracks" ? ("tracks" as const) : event.chunk.startMs,
        ],
      };
    },
    (event) => made.push(event),
  );
  return { muxer, made, createdCount: () => created };
}

describe("a muxer that nobody reads", () => {
  it("makes nothing, and begins at the last point of entry when somebody does", () => {
    const { muxer, made, createdCount } = createMuxer();
    const events = [tracks, chunk(0, true), chunk(200, false), chunk(400, true), chunk(600, false)];
    for (const event of events) muxer.push(event);
    expect(createdCount()).toBe(0);
    muxer.want(true);
    expect(made).toEqual(["tracks", 400, 600]);
    muxer.push(chunk(800, false));
    expect(made).toEqual(["tracks", 400, 600, 800]);
  });

  it("makes nothing any more when the last reader has gone, and begins anew for the next", () => {
    const { muxer, made, createdCount } = createMuxer();
    muxer.push(tracks);
    muxer.want(true);
    muxer.want(false);
    muxer.push(chunk(0, true));
    expect(made).toEqual(["tracks"]);
    muxer.want(true);
    expect(made).toEqual(["tracks", "tracks", 0]);
    expect(createdCount()).toBe(2);
  });

  it("keeps no group of pictures without end", () => {
    const { muxer, made } = createMuxer();
    muxer.push(tracks);
    muxer.push(chunk(0, true, 5 * 1024 * 1024));
    for (const startMs of [200, 400]) muxer.push(chunk(startMs, false, 5 * 1024 * 1024));
    muxer.want(true);
    expect(made).toEqual(["tracks"]);
  });
});
