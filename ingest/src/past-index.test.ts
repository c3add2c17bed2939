import Fastify from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type OriginPast, parseDescriptor } from "#protocol";
import { DvrStore } from "./dvr/dvr-store.ts";
import { createIdentity } from "./identity.ts";
import { SILENT_INGEST_LOG } from "./ingest-log.ts";
import { OriginPoint } from "./origin.ts";
import { Publisher } from "./publisher.ts";
import { audioTrack, packagedChunk, videoTrack } from "./testing/packaged.ts";

const identity = createIdentity();
const T0 = 1_800_000_000_000;
const CHUNKS = 50;

const app = Fastify({ forceCloseConnections: true });
const dvr = new DvrStore({ spanMs: 60_000, log: SILENT_INGEST_LOG });
const publisher = new Publisher({
  identity,
  title: "Test",
  chunkMs: 200,
  dvrMs: 60_000,
  // Most of it is on disk.
  limits: { windowMs: 2000 },
});
let base: string;
let first: number;

beforeEach(async () => {
  new OriginPoint(app).add(publisher, { dvr });
  base = `${await app.listen({ host: "127.0.0.1", port: 0 })}/streams/${identity.streamId}`;
  publisher.accept({ type: "track", track: videoTrack() });
  publisher.accept({ type: "track", track: audioTrack() });
  for (let i = 0; i < CHUNKS; i++) {
    // A key frame every second, another encoder after six of them.
    const initVersion = i < 30 ? 1 : 2;
    const times = { mediaTimeMs: 200 * i, durationMs: 200, sourceTimeMs: T0 + 200 * i };
    if (i === 30) publisher.accept({ type: "track", track: { ...videoTrack(), initVersion: 2 } });
    const change = { ...times, isIndependent: i % 5 === 0, initVersion };
    publisher.accept({ type: "chunk", chunk: packagedChunk("video", i, change) });
    const sound = { ...times, initVersion: 1, isIndependent: true };
    publisher.accept({ type: "chunk", chunk: packagedChunk("audio", i, sound) });
  }
  first = (publisher.window.newest(0)?.sequence ?? 0) - CHUNKS + 1;
});

afterEach(async () => {
  await app.close();
  await dvr.close();
});

async function past(timeMs: number, query = "") {
  const response = await fetch(`${base}/past/${timeMs}${query}`);
  return { response, past: (await response.json()) as OriginPast };
}

describe("the past at the origin", () => {
  it("is found by time, at key frames, with the sound that belongs there, and ends where it ends", async () => {
    expect(publisher.descriptor.dvrMs).toBe(60_000);
    const found = await past(T0 + 200 * 37 + 50);
    expect(found.response.headers.get("cache-control")).toBe("public, max-age=2");
    expect(found.past).toEqual({
      sourceTimeMs: T0 + 200 * 35,
      tracks: [
        { id: "v0", sequence: first + 35 },
        { id: "a0", sequence: first + 35 },
      ],
      oldestSourceTimeMs: T0,
      descriptors: [],
    });
    // The very chunk is a key frame; one millisecond before it is the one before.
    expect((await past(T0 + 7000)).past.sourceTimeMs).toBe(T0 + 7000);
    expect((await past(T0 + 6999)).past.sourceTimeMs).toBe(T0 + 6000);
    // Sound has no key frames to wait for.
    expect((await past(T0 + 7450, "?video=none")).past.sourceTimeMs).toBe(T0 + 7400);
    expect((await past(0)).past.sourceTimeMs).toBe(T0);
    expect((await past(T0 + 3_600_000)).past.sourceTimeMs).toBe(T0 + 9000);

    // On disk, and with the parameters the encoder had then, in the publisher's signed word.
    const old = (await past(T0 + 1500)).past;
    expect(old.tracks[0]).toEqual({ id: "v0", sequence: first + 5 });
    const [signed] = old.descriptors;
    expect(parseDescriptor(signed?.body ?? "").tracks[0]?.initVersion).toBe(1);
    const blocks = await fetch(`${base}/tracks/v0/blocks/${first + 5}`);
    expect(blocks.status).toBe(200);

    const refused = await fetch(`${base}/past/yesterday`);
    expect(refused.status).toBe(404);
  });
});
