import { beforeEach, describe, expect, it } from "vitest";
import {
  blockSigningInput,
  type SignedDescriptor,
  type StreamDescriptor,
  signaturePart,
  unsignedPart,
} from "#protocol";
import { nobleCrypto256, openDescriptor } from "#transport";
import { chunkBytes, type HeldChunk } from "./chunk-window.ts";
import { createIdentity } from "./identity.ts";
import { Publisher } from "./publisher.ts";
import { audioTrack, packagedChunk, videoTrack } from "./testing/packaged.ts";

const identity = createIdentity();
const startedAtMs = Date.UTC(2026, 0, 1);
const crypto = await nobleCrypto256();

let publisher: Publisher;
let chunks: HeldChunk[];
let descriptors: StreamDescriptor[];
let signed: SignedDescriptor[];

beforeEach(() => {
  publisher = new Publisher({ identity, title: "Test", chunkMs: 200, startedAtMs });
  chunks = [];
  descriptors = [];
  signed = [];
  publisher.listen({
    onChunk: (chunk) => chunks.push(chunk),
    onDescriptor: (text, descriptor) => {
      signed.push(text);
      descriptors.push(descriptor);
    },
  });
});

function publish(kind: "video" | "audio", sequence: number, change = {}): void {
  publisher.accept({ type: "chunk", chunk: packagedChunk(kind, sequence, change) });
}

describe("Publisher", () => {
  it("signs each block and the descriptor so that anybody can check them", async () => {
    publisher.accept({ type: "track", track: videoTrack() });
    publish("video", 0, { sizeBytes: 40_000 });
    const [chunk] = chunks;
    expect(chunk?.blocks).toHaveLength(5);
    for (const block of chunk?.blocks ?? []) {
      const input = blockSigningInput(identity.streamId, unsignedPart(block));
      expect(await crypto.verifyP256(identity.publicKey, signaturePart(block), input)).toBe(true);
    }
    const opened = await openDescriptor(crypto, identity.streamId, publisher.signed);
    expect(opened).toEqual(publisher.descriptor);
  });

  it("publishes the very bytes the packager made", () => {
    publisher.accept({ type: "track", track: videoTrack() });
    const packaged = packagedChunk("video", 3, { sizeBytes: 50_000 });
    publisher.accept({ type: "chunk", chunk: packaged });
    expect(chunks[0] && Buffer.compare(chunkBytes(chunks[0]), packaged.bytes)).toBe(0);
    const counts = publisher.counts;
    expect(counts).toMatchObject({ chunks: 1, blocks: 7 });
    const sent = chunks[0]?.blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(counts.copyBytes).toBe(sent);
  });

  it("tells of the tracks before the first block, of both at once when both are known", () => {
    publisher.accept({ type: "track", track: videoTrack() });
    publisher.accept({ type: "track", track: audioTrack() });
    expect(descriptors).toEqual([]);
    publish("video", 0);
    publish("audio", 0);
    expect(descriptors).toHaveLength(1);
    expect(descriptors[0]).toMatchObject({
      isLive: true,
      revision: startedAtMs / 1000 + 1,
      tracks: [
        { id: "v0", kind: "video", stripes: 8, width: 640, init: "010201" },
        { id: "a0", kind: "audio", stripes: 1, channels: 2, init: "030401" },
      ],
    });
    expect(chunks.map(({ track }) => track)).toEqual([0, 1]);
  });

  it("adds a track that comes late behind the ones there are", () => {
    publisher.accept({ type: "track", track: audioTrack() });
    publish("audio", 0);
    publisher.accept({ type: "track", track: videoTrack() });
    publish("audio", 1);
    publish("video", 0);
    expect(descriptors.map(({ tracks }) => tracks.map(({ id }) => id))).toEqual([
      ["a0"],
      ["a0", "v0"],
    ]);
    expect(chunks.map(({ track }) => track)).toEqual([0, 0, 1]);
  });

  it("tells of new parameters, and keeps the old init segment for chunks still around", () => {
    publisher.accept({ type: "track", track: videoTrack(1) });
    publish("video", 0);
    publisher.accept({ type: "track", track: videoTrack(2) });
    publish("video", 1, { initVersion: 2 });
    expect(descriptors.map(({ tracks }) => tracks[0]?.initVersion)).toEqual([1, 2]);
    expect([...(publisher.track("v0")?.inits.keys() ?? [])]).toEqual([1, 2]);
    for (let version = 3; version < 40; version++) {
      publisher.accept({ type: "track", track: videoTrack(version) });
    }
    expect(publisher.track("v0")?.inits.size).toBe(publisher.limits.initVersions);
  });

  it("says when the encoder went away and when it is back, once each", () => {
    publisher.accept({ type: "track", track: videoTrack() });
    publisher.encoderGone();
    publish("video", 0);
    publisher.encoderGone();
    publisher.encoderGone();
    publish("video", 1, { isDiscontinuity: true });
    expect(descriptors.map(({ isLive }) => isLive)).toEqual([true, false, true]);
    const revisions = descriptors.map(({ revision }) => revision - startedAtMs / 1000);
    expect(revisions).toEqual([1, 2, 3]);
    expect(chunks[1]?.blocks[0]?.isDiscontinuity).toBe(true);
  });

  it("tells the rate once it is measured", () => {
    publisher.accept({ type: "track", track: videoTrack() });
    for (let sequence = 0; sequence < 20; sequence++) {
      publish("video", sequence, { sizeBytes: 25_000 });
    }
    const rates = descriptors.map(({ tracks }) => tracks[0]?.bitrateBps ?? 0);
    expect(rates).toHaveLength(2);
    expect(rates[0]).toBe(0);
    expect(rates[1]).toBeGreaterThan(1_000_000);
    expect(rates[1]).toBeLessThan(1_020_000);
  });

  it("goes on with higher sequence numbers after a restart, however soon", () => {
    const sequencesFrom = (atMs: number) => {
      const run = new Publisher({ identity, title: "", chunkMs: 200, startedAtMs: atMs });
      run.accept({ type: "track", track: videoTrack() });
      run.accept({ type: "chunk", chunk: packagedChunk("video", 0) });
      return run.window.newest(0)?.sequence ?? 0;
    };
    const first = sequencesFrom(startedAtMs);
    // An hour of chunks, all cut at half their nominal length.
    const last = first + 3600 * 9;
    expect(sequencesFrom(startedAtMs + 3_600_000)).toBeGreaterThan(last);
  });

  it("refuses what cannot be published, and goes on", () => {
    expect(() => publish("video", 0)).toThrow(RangeError);
    publisher.accept({ type: "track", track: videoTrack() });
    expect(() => publish("video", 1, { sizeBytes: 0 })).toThrow(RangeError);
    expect(() => publish("video", 2, { sizeBytes: 17 * 1024 * 1024 })).toThrow(RangeError);
    publish("video", 3);
    expect(chunks).toHaveLength(1);
    expect(publisher.counts.chunks).toBe(1);
  });

  it.each([0, 0.2, 12_345])("states a duration of %d ms as the wire can", (durationMs) => {
    publisher.accept({ type: "track", track: videoTrack() });
    publish("video", 0, { durationMs });
    expect(chunks[0]?.durationMs).toBe(Math.min(Math.max(1, Math.round(durationMs)), 10_000));
  });

  it("has a track of its own for each rendition, and refuses one too many", () => {
    for (const rendition of [0, 1]) {
      publisher.accept({ type: "track", track: { ...videoTrack(), rendition } });
      publish("video", 7, { rendition });
    }
    expect(publisher.descriptor.tracks.map(({ id }) => id)).toEqual(["v0", "v1"]);
    expect(chunks.map(({ track }) => track)).toEqual([0, 1]);
    expect(chunks[0]?.sequence).toBe(chunks[1]?.sequence);
    for (const rendition of [2, 3, 4, 5, 6, 7]) {
      publisher.accept({ type: "track", track: { ...videoTrack(), rendition } });
    }
    const ninth = { type: "track", track: audioTrack() } as const;
    expect(() => publisher.accept(ninth)).toThrow("a stream has up to 8 tracks");
  });
});
