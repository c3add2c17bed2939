import {
  BufferSource,
  type EncodedPacket,
  EncodedPacketSink,
  Input,
  type InputTrack,
  MP4,
} from "mediabunny";
import { describe, expect, it } from "vitest";
import { LiveMp4 } from "./live-mp4.ts";
import type { TrackKind } from "./outlet.ts";

const SPS = [0x67, 0x42, 0x00, 0x1e, 0xda, 0x02, 0x80, 0xf6, 0x40];
const PPS = [0x68, 0xce, 0x38, 0x80];
const AVCC = [1, 0x42, 0, 0x1e, 0xff, 0xe1, 0, SPS.length, ...SPS, 1, 0, PPS.length, ...PPS];
const FACTS = {
  video: {
    codec: "avc1.42001e",
    description: new Uint8Array(AVCC),
    codedWidth: 640,
    codedHeight: 360,
  },
  audio: { codec: "opus", numberOfChannels: 2 },
};
const EVERY_US = { video: 40_000, audio: 20_000 };

const frame = (kind: TrackKind, index: number) => ({
  bytes: new Uint8Array([0, 0, 0, 2, 0x41, index]),
  timestampUs: index * EVERY_US[kind],
  durationUs: EVERY_US[kind],
  isKeyFrame: kind === "audio" || index % 50 === 0,
});

/** Two seconds of both, as they are encoded. */
function sent(mp4: LiveMp4, kinds: readonly TrackKind[]) {
  const frames = kinds.flatMap((kind) =>
    Array.from({ length: 2_000_000 / EVERY_US[kind] }, (_, i) => ({ kind, ...frame(kind, i) })),
  );
  const inOrder = frames.toSorted((a, b) => a.timestampUs - b.timestampUs);
  return inOrder.flatMap(({ kind, ...each }) => mp4.add(kind, each, FACTS[kind]));
}

describe("a live movie in fragments", () => {
  it("is read back track by track, with its times", async () => {
    const fragments = sent(new LiveMp4(["video", "audio"]), ["video", "audio"]);
    const bytes = Buffer.concat(fragments.map((each) => each.bytes));
    const input = new Input({ source: new BufferSource(bytes), formats: [MP4] });
    const video = await input.getPrimaryVideoTrack();
    const audio = await input.getPrimaryAudioTrack();
    expect([await video?.getCodec(), await audio?.getCodec()]).toEqual(["avc", "opus"]);
    const pictures = await packetsOf(video);
    // The last fragment is not full yet.
    expect(pictures.length).toBeGreaterThanOrEqual(45);
    expect(pictures.map(({ timestamp }) => Math.round(timestamp * 1000))).toEqual(
      pictures.map((_, i) => i * 40),
    );
    expect(pictures.map(({ type }) => type)).toEqual(
      pictures.map((_, i) => (i % 50 === 0 ? "key" : "delta")),
    );
    const sounds = await packetsOf(audio);
    expect(sounds.length).toBeGreaterThanOrEqual(90);
    expect(sounds.map(({ timestamp }) => Math.round(timestamp * 1000))).toEqual(
      sounds.map((_, i) => i * 20),
    );
  });

  it("says where a decoder can begin: with the header, and with key frames", () => {
    const fragments = sent(new LiveMp4(["video", "audio"]), ["video", "audio"]);
    expect(fragments[0]?.isStart).toBe(true);
    expect(fragments.filter(({ isStart }) => isStart)).toHaveLength(2);
    const sound = sent(new LiveMp4(["audio"]), ["audio"]);
    expect(sound.every(({ isStart }) => isStart)).toBe(true);
  });

  it("waits two seconds for a track that brings nothing, and goes on without it", () => {
    const mp4 = new LiveMp4(["video", "audio"]);
    expect(sent(mp4, ["video"])).toEqual([]);
    const late = mp4.add("video", frame("video", 50), FACTS.video);
    expect(late.length).toBeGreaterThan(15);
    expect(mp4.add("audio", frame("audio", 100), FACTS.audio)).toEqual([]);
  });

  it("begins with a key frame", () => {
    const mp4 = new LiveMp4(["video"]);
    expect(mp4.add("video", frame("video", 49), FACTS.video)).toEqual([]);
    expect(mp4.add("video", frame("video", 50), FACTS.video)).toHaveLength(1);
  });
});

async function packetsOf(track: InputTrack | null): Promise<EncodedPacket[]> {
  if (track === null) return [];
  const packets: EncodedPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
  return packets;
}
