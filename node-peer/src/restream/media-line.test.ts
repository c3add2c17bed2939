import { beforeEach, describe, expect, it } from "vitest";
import { aacCoding, writeChunk, writeInitSegment } from "#media";
import type { MeshChunk } from "#mesh";
import { type StreamDescriptor, type StreamId, toHex } from "#protocol";
import { type PeerLog, SILENT_PEER_LOG } from "../peer-log.ts";
import type { MediaEvent } from "./media-chunk.ts";
import { MediaLine } from "./media-line.ts";

const STARTED_AT_MS = 1_700_000_000_000;
const coding = aacCoding({ channels: 2, objectType: 2, sampleRateHz: 48_000 });

let said: string[];
let line: MediaLine;
const log: PeerLog = { ...SILENT_PEER_LOG, warn: (_fields, message) => said.push(message) };

beforeEach(() => {
  said = [];
  line = new MediaLine(log);
});

function descriptor(change: { startedAtMs?: number; initVersion?: number; init?: string } = {}) {
  const init = toHex(writeInitSegment({ timescale: 1000, ...coding }));
  const { startedAtMs = STARTED_AT_MS, ...track } = { initVersion: 0, init, ...change };
  const described: StreamDescriptor = {
    version: 1,
    streamId: "a".repeat(32) as StreamId,
    publicKey: "",
    revision: 1,
    title: "",
    startedAtMs,
    isLive: true,
    chunkMs: 200,
    scheduler: "",
    overlay: "",
    origins: [],
    tracks: [{ id: "a0", kind: "audio", codec: "mp4a.40.2", stripes: 1, bitrateBps: 0, ...track }],
  };
  return described;
}

/** 200 ms of sound that begins at `mediaTimeMs` of the stream. */
function chunk(sequence: number, mediaTimeMs: number, change: Partial<MeshChunk> = {}): MeshChunk {
  const sample = { bytes: Uint8Array.of(1), durationTicks: 200, compositionOffsetTicks: 0 };
  const samples = [{ ...sample, isKeyFrame: true }];
  return {
    track: 0,
    sequence,
    initVersion: 0,
    isIndependent: true,
    isDiscontinuity: false,
    sourceTimeMs: STARTED_AT_MS + mediaTimeMs,
    durationMs: 200,
    bytes: writeChunk({ sequence, decodeTimeTicks: mediaTimeMs, samples }),
    ...change,
  };
}

const startsOf = (events: readonly MediaEvent[]) =>
  events.flatMap((event) => (event.type === "chunk" ? [event.chunk.startMs] : []));
const typesOf = (events: readonly MediaEvent[]) => events.map(({ type }) => type);

describe("the line of media", () => {
  it("begins at 0, wherever the stream is", () => {
    line.describe(descriptor());
    const events = [chunk(7, 3_600_000), chunk(8, 3_600_200)].flatMap((one) => line.push(one));
    expect(typesOf(events)).toEqual(["tracks", "chunk", "chunk"]);
    expect(startsOf(events)).toEqual([0, 200]);
  });

  it("goes on where it was when the publisher begins anew, without what is left of before", () => {
    line.describe(descriptor());
    line.push(chunk(1, 5000));
    expect(line.push(chunk(3, 5400))).toEqual([]);
    const startedAtMs = STARTED_AT_MS + 60_000;
    expect(startsOf(line.describe(descriptor({ startedAtMs })))).toEqual([400]);
    expect(line.push(chunk(4, 5600))).toEqual([]);
    const sourceTimeMs = startedAtMs + 10;
    const events = line.push(chunk(900, 0, { sourceTimeMs }));
    expect(typesOf(events)).toEqual(["tracks", "chunk"]);
    expect(startsOf(events)).toEqual([600]);
  });

  it("says that a track has changed before the first chunk of what it is now", () => {
    line.describe(descriptor());
    line.push(chunk(1, 0));
    line.describe(descriptor({ initVersion: 1 }));
    expect(typesOf(line.push(chunk(2, 200)))).toEqual(["chunk"]);
    expect(typesOf(line.push(chunk(3, 400, { initVersion: 1 })))).toEqual(["tracks", "chunk"]);
  });

  it("leaves out chunks whose init segment is not known", () => {
    line.describe(descriptor());
    expect(line.push(chunk(1, 0, { initVersion: 5 }))).toEqual([]);
    expect(typesOf(line.push(chunk(2, 200)))).toEqual(["tracks", "chunk"]);
  });

  it("survives a publisher that signs what is no media, and says so once", () => {
    line.describe(descriptor({ init: "00" }));
    expect(line.push(chunk(1, 0))).toEqual([]);
    line.describe(descriptor({ initVersion: 1 }));
    const whole = chunk(2, 0).bytes;
    for (let length = 0; length < whole.length; length++) {
      const bytes = whole.subarray(0, length);
      expect(line.push(chunk(2 + length, 0, { initVersion: 1, bytes }))).toEqual([]);
    }
    expect(said.length).toBeGreaterThan(0);
    expect(said.length).toBeLessThan(4);
    const next = chunk(2 + whole.length, 200, { initVersion: 1 });
    expect(typesOf(line.push(next))).toEqual(["tracks", "chunk"]);
  });

  it("has nothing to say of a stream without media", () => {
    line.describe({ ...descriptor(), tracks: [] });
    expect(line.push(chunk(1, 0))).toEqual([]);
    expect(line.tick(STARTED_AT_MS + 1e6)).toEqual([]);
  });

  it("writes the rendition that comes, and another one when that comes instead", () => {
    const { tracks, ...rest } = descriptor();
    const [sound] = tracks;
    if (sound === undefined) throw new Error("the stream has sound");
    const picture = { ...sound, kind: "video" as const };
    const stream = { ...rest, tracks: [picture, { ...picture, id: "v1" }, sound] };
    line.describe(stream, [1, 2]);
    expect(line.push(chunk(1, 0, { track: 0 }))).toEqual([]);
    expect(startsOf(line.push(chunk(1, 0, { track: 1 })))).toEqual([0]);
    line.describe(stream, [0, 2]);
    expect(startsOf(line.push(chunk(2, 200, { track: 0 })))).toEqual([200]);
    expect(line.push(chunk(2, 200, { track: 1 }))).toEqual([]);
  });
});
