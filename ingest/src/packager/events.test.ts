import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ID3_SCHEME, readChunk, readEventMessages, SCTE35_SCHEME } from "#media";
import { chunksOf } from "../testing/made-media.ts";
import { spliceInsert, withChecksum } from "../testing/splice-section.ts";
import { readSplice } from "./splice-info.ts";
import { TsPackager } from "./ts-packager.ts";

const CLIP = readFileSync(new URL("../../clip/pattern.m2ts", import.meta.url));
const PACKET = 188;
const [VIDEO_PID, PMT_PID, ID3_PID, SCTE_PID] = [0x100, 0x1000, 0x1f0, 0x1f1];

const pidOf = (packet: Buffer) => packet.readUInt16BE(1) & 0x1fff;

function packet(pid: number, payload: Buffer, counter = 0): Buffer {
  const head = Buffer.of(0x47, 0x40 | (pid >> 8), pid & 255, 0x10 | counter);
  return Buffer.concat([head, payload, Buffer.alloc(PACKET - 4 - payload.length, 0xff)]);
}

function sectionPacket(pid: number, section: Buffer): Buffer {
  return packet(pid, Buffer.concat([Buffer.of(0), section]));
}

/** The program map of the clip with two streams of events more. */
function programMap(original: Buffer): Buffer {
  const start = 5 + (original[4] ?? 0);
  const length = original.readUInt16BE(start + 1) & 0x0fff;
  const body = Buffer.from(original.subarray(start, start + 3 + length - 4));
  const more = Buffer.of(0x15, 0xe0 | (ID3_PID >> 8), ID3_PID & 255, 0xf0, 0);
  const splices = Buffer.of(0x86, 0xe0 | (SCTE_PID >> 8), SCTE_PID & 255, 0xf0, 0);
  const longer = Buffer.concat([body, more, splices]);
  longer.writeUInt16BE(0xb000 | (longer.length - 3 + 4), 1);
  return sectionPacket(PMT_PID, withChecksum(longer));
}

function timestamp(marker: number, ticks: number): Buffer {
  return Buffer.of(
    (marker << 4) | (Math.floor(ticks / 2 ** 30) << 1) | 1,
    (ticks >> 22) & 255,
    ((ticks >> 14) & 255) | 1,
    (ticks >> 7) & 255,
    ((ticks << 1) & 255) | 1,
  );
}

const ID3 = Buffer.from("ID3\x04\0\0\0\0\0\x0bPRIV\0\0\0\x01\0\0x", "latin1");

function id3Packet(ptsTicks: number, counter = 0): Buffer {
  const body = Buffer.concat([Buffer.of(0x84, 0x80, 5), timestamp(2, ptsTicks), ID3]);
  const head = Buffer.of(0, 0, 1, 0xbd, body.length >> 8, body.length & 255);
  return packet(ID3_PID, Buffer.concat([head, body]), counter);
}

/** First time stamp of the clip's video. */
function firstPts(): number {
  for (let at = 0; at < CLIP.length; at += PACKET) {
    const one = CLIP.subarray(at, at + PACKET);
    if (pidOf(one) !== VIDEO_PID || (one.readUInt8(1) & 0x40) === 0) continue;
    const payload = one.subarray((one[3] ?? 0) & 0x20 ? 5 + (one[4] ?? 0) : 4);
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = payload.subarray(9, 14);
    return ((a >> 1) & 7) * 2 ** 30 + (b << 22) + ((c >> 1) << 15) + (d << 7) + (e >> 1);
  }
  throw new Error("no video in the clip");
}

/** The clip with these packets in its middle. */
function withEvents(...events: Buffer[]): Buffer {
  const packets: Buffer[] = [];
  for (let at = 0; at < CLIP.length; at += PACKET) {
    const one = CLIP.subarray(at, at + PACKET);
    packets.push(pidOf(one) === PMT_PID ? programMap(one) : one);
    if (at / PACKET === Math.floor(CLIP.length / PACKET / 2)) packets.push(...events);
  }
  return Buffer.concat(packets);
}

function packagedEvents(bytes: Buffer) {
  const packager = new TsPackager({ chunkMs: 200 });
  const events = [...packager.push(bytes, 0), ...packager.flush()];
  const video = chunksOf("video", events);
  return {
    warnings: events.filter(({ type }) => type === "warning"),
    video,
    audio: chunksOf("audio", events),
    found: video.flatMap((chunk) =>
      readEventMessages(chunk.bytes).map((event) => ({ event, chunk })),
    ),
  };
}

describe("timed metadata in MPEG-TS", () => {
  it("is carried before the next chunk of video, with its time on the stream's own time line", () => {
    const first = firstPts();
    const { found, warnings, video, audio } = packagedEvents(
      withEvents(
        id3Packet(first + 7 * 90_000),
        sectionPacket(
          SCTE_PID,
          spliceInsert({ ptsTicks: first + 8 * 90_000, breakTicks: 30 * 90_000 }),
        ),
      ),
    );
    expect(warnings).toEqual([]);
    expect(found.map(({ event }) => event.scheme)).toEqual([ID3_SCHEME, SCTE35_SCHEME]);
    // The first picture is shown two frames after it is decoded, and decoding begins at 0.
    const [id3, splice] = found.map(({ event }) => event);
    expect(id3).toMatchObject({ timescale: 90_000, durationTicks: undefined });
    expect(id3?.data).toEqual(new Uint8Array(ID3));
    expect((splice?.timeTicks ?? 0) - (id3?.timeTicks ?? 0)).toBe(90_000);
    expect(Math.abs((id3?.timeTicks ?? 0) / 90_000 - 7)).toBeLessThan(0.2);
    expect(splice?.durationTicks).toBe(30 * 90_000);
    expect(splice?.data).toEqual(
      new Uint8Array(spliceInsert({ ptsTicks: first + 8 * 90_000, breakTicks: 30 * 90_000 })),
    );
    // The chunk that carries them comes before their time, and is read as ever.
    expect(found[0]?.chunk.mediaTimeMs).toBeLessThan(7000);
    expect(readChunk(found[0]?.chunk.bytes ?? Buffer.of()).samples.length).toBeGreaterThan(1);
    expect(video.reduce((sum, { bytes }) => sum + readChunk(bytes).samples.length, 0)).toBe(240);
    expect(audio.every(({ bytes }) => readEventMessages(bytes).length === 0)).toBe(true);
  });

  it("of more than a chunk may carry is left out, and said so once", () => {
    const flood = Array.from({ length: 3000 }, (_, i) => id3Packet(firstPts(), i & 15));
    const { found, warnings } = packagedEvents(withEvents(...flood));
    expect(found.length).toBeLessThan(1200);
    expect(warnings).toEqual([
      { type: "warning", message: expect.stringMatching(/timed metadata.*left out/) },
    ]);
  });

  it("damaged or cut short is no event", () => {
    const section = spliceInsert({ ptsTicks: 90_000, breakTicks: 30 * 90_000 });
    const damaged = Buffer.from(section);
    damaged[12] = 0xaa;
    expect(packagedEvents(withEvents(sectionPacket(SCTE_PID, damaged))).found).toEqual([]);
    for (let length = 0; length < 25; length++) {
      expect(readSplice(section.subarray(0, length)), `cut at ${length}`).toBeUndefined();
    }
    expect(readSplice(section)).toMatchObject({ ptsTicks: 90_000, durationTicks: 2_700_000 });
  });
});
