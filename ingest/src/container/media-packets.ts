import {
  EncodedPacketSink,
  type Input,
  type InputAudioTrack,
  type InputVideoTrack,
} from "mediabunny";
import { DecodeTimes } from "./decode-times.ts";
import { earliestFirst } from "./earliest-first.ts";
import { AUDIO_CODECS, type MediaPacket, VIDEO_CODECS } from "./media-packet.ts";

const TICKS_PER_SEC = 90_000;

export type MediaPacketsEvent =
  | { type: "packet"; packet: MediaPacket }
  /** One line for people. */
  | { type: "warning"; message: string };

/**
 * The packets of a container's main picture and sound, as they are, earliest first. Works on files
 * and on streams that are still coming in.
 * @throws {Error} When the container cannot be read, often in words of mediabunny.
 */
export async function* mediaPackets(input: Input): AsyncGenerator<MediaPacketsEvent, void, void> {
  const video = await input.getPrimaryVideoTrack();
  const audio = await input.getPrimaryAudioTrack();
  const openers = [
    ...(video === null ? [] : [await videoLane(video)]),
    ...(audio === null ? [] : [await audioLane(audio)]),
  ];
  const found = openers.filter((opener) => typeof opener !== "string");
  const kinds = found.map(({ kind }) => kind);
  const unknown = openers.filter((opener) => typeof opener === "string");
  if (openers.length === 0) throw new Error("there is neither video nor audio in it");
  if (unknown.length > 0) {
    const rest = kinds.length === 0 ? "nothing is left to play" : `playing ${kinds.join()} only`;
    const what = unknown.join(" and ");
    yield {
      type: "warning",
      message: `the input has ${what}; supported are ${SUPPORTED}: ${rest}`,
    };
  }
  for await (const packet of earliestFirst(found.map(({ open }) => open(kinds)))) {
    yield { type: "packet", packet };
  }
}

const SUPPORTED = "H.264, HEVC, VP9 and AV1 video, AAC, Opus, MP3, AC-3 and E-AC-3 audio";

async function videoLane(track: InputVideoTrack) {
  const codec = await track.getCodec();
  const known = VIDEO_CODECS.find((candidate) => candidate === codec);
  if (known === undefined) return `${codec ?? "unknown"} video`;
  const config = await track.getDecoderConfig();
  const description = bytesOf(config?.description);
  async function* open(kinds: MediaPacket["kinds"]): AsyncGenerator<MediaPacket, void, void> {
    const base = { kind: "video", codec: known as "avc", kinds, description } as const;
    const times = new DecodeTimes<Omit<MediaPacket & { kind: "video" }, "dtsTicks">>();
    // Only these two are sent in another order than they are shown.
    const isInOrder = known === "vp9" || known === "av1";
    for await (const { type, timestamp, data } of new EncodedPacketSink(track).packets()) {
      const ptsTicks = Math.round(timestamp * TICKS_PER_SEC);
      const picture = { ...base, data, ptsTicks, isKeyFrame: type === "key" };
      if (isInOrder) yield { ...picture, dtsTicks: ptsTicks };
      else yield* times.push(picture);
    }
    yield* times.flush();
  }
  return { kind: "video" as const, open };
}

async function audioLane(track: InputAudioTrack) {
  const codec = await track.getCodec();
  const known = AUDIO_CODECS.find((candidate) => candidate === codec);
  if (known === undefined) return `${codec ?? "unknown"} audio`;
  const config = await track.getDecoderConfig();
  const description = bytesOf(config?.description);
  const channels = config?.numberOfChannels ?? 2;
  async function* open(kinds: MediaPacket["kinds"]): AsyncGenerator<MediaPacket, void, void> {
    const base = { kind: "audio", codec: known as "aac", kinds, description, channels } as const;
    for await (const { timestamp, data } of new EncodedPacketSink(track).packets()) {
      const ptsTicks = Math.round(timestamp * TICKS_PER_SEC);
      yield { ...base, data, ptsTicks, dtsTicks: ptsTicks };
    }
  }
  return { kind: "audio" as const, open };
}

function bytesOf(source: ArrayBufferView | ArrayBufferLike | undefined): Uint8Array | undefined {
  if (source === undefined) return undefined;
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}
