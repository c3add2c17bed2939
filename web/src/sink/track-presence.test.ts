import { describe, expect, it } from "vitest";
import { TrackPresence } from "./track-presence.ts";

const CHUNK_MS = 200;

function setUp() {
  const presence = new TrackPresence();
  presence.expect(["v0", "a0"]);
  let nowMs = 0;
  return {
    presence,
    absent: () => [...presence.absent],
    pause: (ms: number) => {
      nowMs += ms;
    },
    /** Chunks of these tracks at their own pace. */
    flow(ms: number, ...ids: string[]) {
      for (const endMs = nowMs + ms; nowMs < endMs; ) {
        nowMs += CHUNK_MS;
        for (const id of ids) presence.note(id, CHUNK_MS, nowMs);
      }
    },
  };
}

describe("TrackPresence", () => {
  it("misses a track after three seconds of the other alone", () => {
    const { flow, absent } = setUp();
    flow(2000, "v0", "a0");
    flow(2800, "v0");
    expect(absent()).toEqual([]);
    flow(200, "v0");
    expect(absent()).toEqual(["a0"]);
  });

  it("misses a track that never came sooner", () => {
    const { flow, absent } = setUp();
    flow(1600, "v0");
    expect(absent()).toEqual([]);
    flow(200, "v0");
    expect(absent()).toEqual(["a0"]);
  });

  it("misses the picture as well", () => {
    const { flow, absent } = setUp();
    flow(2000, "v0", "a0");
    flow(3000, "a0");
    expect(absent()).toEqual(["v0"]);
  });

  it("does not take the encoder's absence for the track's, nor a burst for time", () => {
    const { presence, flow, pause, absent } = setUp();
    flow(2000, "v0", "a0");
    flow(400, "v0");
    pause(60_000);
    flow(400, "v0");
    for (let i = 0; i < 50; i++) presence.note("v0", CHUNK_MS, 63_000);
    expect(absent()).toEqual([]);
  });

  it("takes a track back when it has brought a second of media", () => {
    const { flow, absent } = setUp();
    flow(2000, "v0", "a0");
    flow(5000, "v0");
    flow(800, "v0", "a0");
    expect(absent()).toEqual(["a0"]);
    flow(200, "v0", "a0");
    expect(absent()).toEqual([]);
  });

  it("does not take strays for a return", () => {
    const { flow, absent } = setUp();
    flow(2000, "v0", "a0");
    flow(5000, "v0");
    for (let i = 0; i < 5; i++) {
      flow(200, "a0", "v0");
      flow(1200, "v0");
    }
    expect(absent()).toEqual(["a0"]);
  });

  it("wants twice as much of a track that went again", () => {
    const { flow, absent } = setUp();
    flow(2000, "v0", "a0");
    flow(4000, "v0");
    flow(1000, "v0", "a0");
    flow(4000, "v0");
    flow(1800, "v0", "a0");
    expect(absent()).toEqual(["a0"]);
    flow(200, "v0", "a0");
    expect(absent()).toEqual([]);
  });

  it("never misses all tracks: the one that flows counts", () => {
    const { flow, absent } = setUp();
    for (let i = 0; i < 5; i++) {
      flow(4000, "v0");
      flow(4000, "a0");
    }
    flow(3000, "v0");
    expect(absent()).toEqual(["a0"]);
  });

  it("forgets tracks that the stream no longer has", () => {
    const { presence, flow, absent } = setUp();
    flow(4000, "v0");
    presence.expect(["v0"]);
    expect(absent()).toEqual([]);
  });
});
