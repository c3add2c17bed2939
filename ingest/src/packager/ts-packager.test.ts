import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readChunk, readInitSegment } from "#media";
import type { PackagedChunk, PackagerEvent } from "../packager.ts";
import { crc32 } from "./psi.ts";
import { createTsPackager } from "./ts-packager.ts";

/** 9.6 s: 240 pictures with B-frames at 25/s, key frames each second; 450 AAC frames at 48 kHz. */
const CLIP = new Uint8Array(readFileSync(new URL("../../clip/pattern.m2ts", import.meta.url)));
const PACKET = 188;
const T0 = 1_700_000_000_000;
const SLICE = 64 * PACKET;

/** Feed bytes as an encoder would, at the pace of the clip. */
function feed(
  packager = createTsPackager({ chunkMs: 200 }),
  bytes: Uint8Array = CLIP,
  startMs = T0,
  slice = SLICE,
): PackagerEvent[] {
  const events: PackagerEvent[] = [];
  for (let at = 0; at < bytes.length; at += slice) {
    const nowMs = startMs + Math.round((at / bytes.length) * 9600);
    events.push(...packager.push(bytes.subarray(at, at + slice), nowMs));
  }
  return events;
}

function packaged(bytes: Uint8Array): PackagerEvent[] {
  const packager = createTsPackager({ chunkMs: 200 });
  return [...feed(packager, bytes), ...packager.flush()];
}

function chunksOf(kind: "video" | "audio", events: PackagerEvent[]): PackagedChunk[] {
  return events.flatMap((event) =>
    event.type === "chunk" && event.chunk.kind === kind ? [event.chunk] : [],
  );
}

function warningsOf(events: PackagerEvent[]): string[] {
  return events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
}

function samplesOf(chunks: PackagedChunk[]) {
  return chunks.flatMap((chunk) => [...readChunk(chunk.bytes).samples]);
}

/** The largest hole or overlap between chunks, in ms. */
function worstSeamMs(chunks: PackagedChunk[]): number {
  let worst = 0;
  chunks.forEach((chunk, index) => {
    const before = chunks[index - 1];
    if (before === undefined) return;
    const { decodeTimeTicks, samples } = readChunk(before.bytes);
    const ticks = samples.reduce((sum, each) => sum + each.durationTicks, decodeTimeTicks);
    const scale = chunk.kind === "video" ? 90 : 48;
    worst = Math.max(worst, Math.abs(chunk.mediaTimeMs - ticks / scale));
  });
  return worst;
}

const map = (change: (packet: Uint8Array, index: number) => Uint8Array | undefined) => {
  const packets: Uint8Array[] = [];
  for (let at = 0; at < CLIP.length; at += PACKET) {
    const changed = change(CLIP.slice(at, at + PACKET), at / PACKET);
    if (changed !== undefined) packets.push(changed);
  }
  return Uint8Array.from(Buffer.concat(packets));
};
const pidOf = (packet: Uint8Array) => (((packet[1] ?? 0) & 0x1f) << 8) | (packet[2] ?? 0);
const VIDEO_PID = 0x100;
const AUDIO_PID = 0x101;

describe("the packager on a clean stream", () => {
  const events = packaged(CLIP);
  const video = chunksOf("video", events);
  const audio = chunksOf("audio", events);

  it("describes both tracks before their first chunks", () => {
    const kinds = events.flatMap((e) =>
      e.type === "track" ? [readInitSegment(e.track.initSegment)] : [],
    );
    expect(kinds).toEqual([
      { kind: "video", codec: "avc1.64001e", timescale: 90_000, width: 640, height: 360 },
      { kind: "audio", codec: "mp4a.40.2", timescale: 48_000, sampleRateHz: 48_000, channels: 2 },
    ]);
    expect(events[0]?.type).toBe("track");
    expect(warningsOf(events)).toEqual([]);
  });

  it("keeps every picture and every audio frame, without a hole", () => {
    expect(samplesOf(video)).toHaveLength(240);
    expect(samplesOf(audio)).toHaveLength(450);
    expect(worstSeamMs(video)).toBe(0);
    expect(worstSeamMs(audio)).toBeLessThan(0.001);
  });

  it("cuts about every 200 ms, and a key frame always starts a chunk", () => {
    expect(new Set(video.map(({ durationMs }) => durationMs))).toEqual(new Set([200]));
    expect(
      video.filter(({ isIndependent }) => isIndependent).map(({ sequence }) => sequence),
    ).toEqual(Array.from({ length: 10 }, (_, second) => second * 5));
    for (const chunk of video) {
      const keys = readChunk(chunk.bytes).samples.map(({ isKeyFrame }) => isKeyFrame);
      expect(keys.slice(1)).not.toContain(true);
      expect(keys[0]).toBe(chunk.isIndependent);
    }
    expect(audio.every(({ isIndependent }) => isIndependent)).toBe(true);
    expect(new Set(audio.slice(0, -1).map(({ durationMs }) => durationMs))).toEqual(new Set([192]));
  });

  it("carries the order of B-frames in composition offsets", () => {
    const offsets = new Set(
      samplesOf(video).map(({ compositionOffsetTicks }) => compositionOffsetTicks),
    );
    expect(offsets.size).toBeGreaterThan(1);
    const shown = video.flatMap((chunk) => {
      const { decodeTimeTicks, samples } = readChunk(chunk.bytes);
      return samples.map((each, i) => decodeTimeTicks + i * 3600 + each.compositionOffsetTicks);
    });
    const sorted = [...shown].sort((a, b) => a - b);
    expect(sorted.every((time, i) => i === 0 || time - (sorted[i - 1] ?? 0) === 3600)).toBe(true);
  });

  it("is the same whatever pieces the bytes come in", () => {
    const pieces = (slice: number) => {
      const packager = createTsPackager({ chunkMs: 200 });
      const all = [
        ...feed(packager, CLIP.subarray(0, 300 * PACKET), T0, slice),
        ...packager.flush(),
      ];
      return chunksOf("video", all).map(({ bytes }) => Buffer.from(bytes).toString("base64"));
    };
    expect(pieces(1)).toEqual(pieces(SLICE));
    expect(pieces(189)).toEqual(pieces(SLICE));
  });

  it("dates chunks by when they came, never later, never backwards", () => {
    for (const chunks of [video, audio]) {
      chunks.forEach((chunk, index) => {
        expect(chunk.sourceTimeMs).toBeGreaterThanOrEqual(chunks[index - 1]?.sourceTimeMs ?? 0);
        expect(chunk.sourceTimeMs).toBeLessThanOrEqual(T0 + 9600);
      });
    }
    expect(Math.abs((video[20]?.sourceTimeMs ?? 0) - T0 - 4000)).toBeLessThan(400);
  });

  it("lets a chunk go as soon as the next picture begins", () => {
    const packager = createTsPackager({ chunkMs: 200 });
    let firstChunkAtByte = 0;
    for (let at = 0; firstChunkAtByte === 0; at += PACKET) {
      const now = packager.push(CLIP.subarray(at, at + PACKET), T0);
      if (chunksOf("video", now).length > 0) firstChunkAtByte = at;
    }
    let units = 0;
    for (let at = 0; at <= firstChunkAtByte; at += PACKET) {
      const packet = CLIP.subarray(at, at + PACKET);
      if (pidOf(packet) === VIDEO_PID && ((packet[1] ?? 0) & 0x40) !== 0) units++;
    }
    expect(units).toBe(6);
  });
});

describe("the packager across restarts", () => {
  it("goes on without a seam when a stream of equal tracks starts over", () => {
    const packager = createTsPackager({ chunkMs: 200 });
    const events = feed(packager);
    events.push(
      ...packager.discontinuity(),
      ...feed(packager, CLIP, T0 + 9600),
      ...packager.flush(),
    );
    const video = chunksOf("video", events);
    const audio = chunksOf("audio", events);
    expect([worstSeamMs(video), Math.round(worstSeamMs(audio) * 1000)]).toEqual([0, 0]);
    expect(
      video.filter(({ isDiscontinuity }) => isDiscontinuity).map(({ mediaTimeMs }) => mediaTimeMs),
    ).toEqual([9600]);
    expect(video.map(({ sequence }) => sequence)).toEqual(video.map((_, index) => index));
    expect(events.filter(({ type }) => type === "track")).toHaveLength(2);
  });

  it("never runs backwards and never skips, wherever the encoder vanishes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 200 * PACKET, max: CLIP.length }), (cut) => {
        const packager = createTsPackager({ chunkMs: 200 });
        const events = feed(packager, CLIP.subarray(0, cut));
        events.push(...packager.discontinuity(), ...feed(packager, CLIP, T0 + 60_000));
        const video = chunksOf("video", events);
        const starts = video.map(({ mediaTimeMs }) => mediaTimeMs);
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
        expect(worstSeamMs(video)).toBeLessThan(500);
        expect(worstSeamMs(chunksOf("audio", events))).toBeLessThan(50);
        const second = video.find(({ isDiscontinuity }) => isDiscontinuity);
        expect(second?.isIndependent).toBe(true);
        expect(second?.sourceTimeMs).toBeGreaterThan(T0 + 59_000);
      }),
      { numRuns: 12 },
    );
  });

  it("takes the 33-bit wrap of time stamps as the next tick", () => {
    const shift = 2 ** 33 - 5 * 90_000;
    const wrapped = map((packet) => shiftTimes(packet, shift));
    const events = packaged(wrapped);
    expect(samplesOf(chunksOf("video", events))).toHaveLength(240);
    expect(worstSeamMs(chunksOf("video", events))).toBe(0);
    expect(chunksOf("video", events).some(({ isDiscontinuity }) => isDiscontinuity)).toBe(false);
  });

  it("takes a jump of the time stamps as a discontinuity, without a gap", () => {
    const jumped = map((packet, index) =>
      index > 2000 ? shiftTimes(packet, 3_000_000_000) : packet,
    );
    const events = packaged(jumped);
    expect(worstSeamMs(chunksOf("video", events))).toBeLessThan(1100);
    expect(chunksOf("video", events).at(-1)?.mediaTimeMs).toBeLessThan(9600);
    expect(chunksOf("video", events).filter(({ isDiscontinuity }) => isDiscontinuity)).toHaveLength(
      1,
    );
    expect(warningsOf(events).join()).toContain("jumped");
  });
});

describe("the packager joining in the middle", () => {
  it("begins at a key frame after each reconnect, and neither track has a hole", () => {
    for (const from of [1000, 1100, 1600]) {
      const packager = createTsPackager({ chunkMs: 200 });
      const events = [
        ...feed(packager, CLIP.subarray(0, 1500 * PACKET)),
        ...packager.discontinuity(),
        ...feed(packager, CLIP.subarray(from * PACKET), T0 + 20_000),
        ...packager.flush(),
      ];
      expect(worstSeamMs(chunksOf("video", events)), `from packet ${from}`).toBe(0);
      expect(worstSeamMs(chunksOf("audio", events))).toBeLessThan(0.001);
    }
  });
});

describe("the packager on less than two tracks", () => {
  it("packs video alone", () => {
    const events = packaged(map((packet) => (pidOf(packet) === AUDIO_PID ? undefined : packet)));
    expect(samplesOf(chunksOf("video", events))).toHaveLength(240);
    expect(chunksOf("audio", events)).toEqual([]);
  });

  it("packs audio alone", () => {
    const events = packaged(map((packet) => (pidOf(packet) === VIDEO_PID ? undefined : packet)));
    expect(samplesOf(chunksOf("audio", events))).toHaveLength(450);
  });

  it("names codecs it does not know, and plays the rest", () => {
    const events = packaged(map((packet) => retype(packet, 0x1b, 0x02)));
    expect(warningsOf(events)).toEqual([
      "the stream has MPEG-2 video (stream type 0x02); supported are H.264 and HEVC video, AAC, MP3, AC-3, E-AC-3 and Opus audio: playing audio only",
    ]);
    expect(samplesOf(chunksOf("audio", events))).toHaveLength(450);
  });
});

describe("the packager on bad input", () => {
  it.each([
    ["MP4", [0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70]],
    ["FLV", [0x46, 0x4c, 0x56, 1]],
    ["Matroska or WebM", [0x1a, 0x45, 0xdf, 0xa3]],
    ["HTTP", [...Buffer.from("GET / HTTP/1.1")]],
    [
      "MPEG-TS in packets of 192 instead of 188 bytes",
      Array.from({ length: 1024 }, (_, i) => (i % 192 === 4 ? 0x47 : 0)),
    ],
  ])("says in one line that %s is no MPEG-TS, once", (name, start) => {
    const bytes = new Uint8Array(300_000);
    bytes.set(start);
    const warnings = warningsOf(packaged(bytes));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`looks like ${name}; send MPEG-TS`);
  });

  it("finds the beat again after garbage in the middle, and says how much was skipped", () => {
    const at = 1000 * PACKET + 77;
    const garbage = Uint8Array.from({ length: 5000 }, (_, i) => (i * 37) % 251);
    const bytes = Uint8Array.from(
      Buffer.concat([CLIP.subarray(0, at), garbage, CLIP.subarray(at)]),
    );
    const events = packaged(bytes);
    expect(samplesOf(chunksOf("video", events)).length).toBeGreaterThan(232);
    expect(warningsOf(events).join()).toMatch(/bytes that are no MPEG-TS were skipped/);
  });

  it("drops pictures with lost packets instead of showing half of them", () => {
    const events = packaged(map((packet, index) => (index % 500 === 499 ? undefined : packet)));
    const kept = samplesOf(chunksOf("video", events)).length;
    expect(kept).toBeGreaterThan(220);
    expect(kept).toBeLessThan(240);
    expect(worstSeamMs(chunksOf("video", events))).toBe(0);
    expect(warningsOf(events).join()).toMatch(/packets are missing/);
  });

  it("drops the picture the encoder vanished in, and keeps those before", () => {
    const cut = 800 * PACKET;
    const whole = samplesOf(chunksOf("video", packaged(CLIP.subarray(0, cut)))).length;
    const inside = samplesOf(chunksOf("video", packaged(CLIP.subarray(0, cut + 50)))).length;
    expect(inside).toBe(whole - 1);
  });

  it("survives any bytes with bounded memory and time stamps that only rise", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(CLIP.length - 1), fc.nat(255)), { maxLength: 300 }),
        (hits) => {
          const bytes = CLIP.slice(0, 1500 * PACKET);
          for (const [at, value] of hits) if (at < bytes.length) bytes[at] = value;
          const times = chunksOf("video", packaged(bytes)).map(({ mediaTimeMs }) => mediaTimeMs);
          expect(times).toEqual([...times].sort((a, b) => a - b));
        },
      ),
      { numRuns: 20 },
    );
  });

  it("refuses chunk lengths that make no sense", () => {
    expect(() => createTsPackager({ chunkMs: 0 })).toThrow("chunkMs must be 20 to 10,000, got 0");
  });
});

/** Add ticks to the PTS and DTS of a packet that begins a unit. */
function shiftTimes(packet: Uint8Array, ticks: number): Uint8Array {
  const isStart = ((packet[1] ?? 0) & 0x40) !== 0;
  const pid = pidOf(packet);
  if (!isStart || (pid !== VIDEO_PID && pid !== AUDIO_PID)) return packet;
  const adaptation = ((packet[3] ?? 0) & 0x20) !== 0 ? 1 + (packet[4] ?? 0) : 0;
  const header = 4 + adaptation;
  const flags = packet[header + 7] ?? 0;
  if ((flags & 0x80) !== 0) shiftTime(packet, header + 9, ticks);
  if ((flags & 0x40) !== 0) shiftTime(packet, header + 14, ticks);
  return packet;
}

function shiftTime(bytes: Uint8Array, at: number, ticks: number): void {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0] = bytes.subarray(at, at + 5);
  const time = ((b0 >> 1) & 7) * 2 ** 30 + (b1 << 22) + ((b2 >> 1) << 15) + (b3 << 7) + (b4 >> 1);
  const shifted = (time + ticks) % 2 ** 33;
  bytes[at] = (b0 & 0xf1) | (Math.floor(shifted / 2 ** 30) << 1);
  bytes[at + 1] = Math.floor(shifted / 2 ** 22) & 255;
  bytes[at + 2] = ((Math.floor(shifted / 2 ** 15) & 127) << 1) | 1;
  bytes[at + 3] = Math.floor(shifted / 2 ** 7) & 255;
  bytes[at + 4] = ((shifted & 127) << 1) | 1;
}

/** Change a stream type in the program map table, checksum included. */
function retype(packet: Uint8Array, from: number, to: number): Uint8Array {
  if (
    packet[5] !== 2 ||
    ((packet[1] ?? 0) & 0x40) === 0 ||
    [VIDEO_PID, AUDIO_PID].includes(pidOf(packet))
  )
    return packet;
  const length = 3 + (((packet[6] ?? 0) & 0x0f) << 8) + (packet[7] ?? 0);
  const section = packet.subarray(5, 5 + length);
  for (let at = 12; at < length - 4; at += 5) if (section[at] === from) section[at] = to;
  const crc = crc32(section.subarray(0, length - 4));
  new DataView(packet.buffer, packet.byteOffset).setUint32(5 + length - 4, crc);
  return packet;
}
