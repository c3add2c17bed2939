import {
  type AudioCoding,
  aacCodingOf,
  av1Coding,
  av1Sample,
  MediaError,
  opusCoding,
  opusCodingOf,
  opusPacketSamples,
  readAc3Frame,
  type VideoCoding,
  vp9Coding,
} from "#media";
import { AAC_FRAME_SAMPLES } from "../packager/adts.ts";
import type { AudioFrame, VideoFrame } from "../packager/frames.ts";
import { MP3 } from "../packager/mp3.ts";
import { annexBUnits, sizedUnits } from "../packager/nal-units.ts";
import { NalVideoReader } from "../packager/nal-video-reader.ts";
import type { MediaPacket } from "./media-packet.ts";
import { type StoredSets, storedSets } from "./stored-sets.ts";

type VideoPacket = MediaPacket & { kind: "video" };
type AudioPacket = MediaPacket & { kind: "audio" };

/** Turns the packets of one container after another into frames. */
export class PacketFrames {
  #nals: { codec: string; reader: NalVideoReader } | undefined;
  #sets: { description: Uint8Array; sets: StoredSets } | undefined;

  /** Undefined for what is no picture. */
  video(packet: VideoPacket): VideoFrame | undefined {
    switch (packet.codec) {
      case "avc":
        return this.#nalFrame(packet, "h264");
      case "hevc":
        return this.#nalFrame(packet, "hevc");
      case "vp9":
        return frameOf(packet, packet.data, vp9Coding);
      case "av1":
        return frameOf(packet, av1Sample(packet.data), av1Coding);
    }
  }

  /** Undefined for what is no frame. */
  audio(packet: AudioPacket): AudioFrame | undefined {
    return readable(() => audioFrameOf(packet));
  }

  #nalFrame(packet: VideoPacket, codec: "h264" | "hevc"): VideoFrame | undefined {
    if (this.#nals?.codec !== codec) this.#nals = { codec, reader: new NalVideoReader(codec) };
    const { reader } = this.#nals;
    const { description, data } = packet;
    if (description === undefined) return reader.read(annexBUnits(data));
    if (this.#sets?.description !== description) {
      this.#sets = { description, sets: storedSets(description, codec) };
    }
    const { lengthBytes, nals } = this.#sets.sets;
    const own = [...sizedUnits(data, lengthBytes)];
    return reader.read(packet.isKeyFrame ? [...nals, ...own] : own);
  }
}

function frameOf(
  { isKeyFrame }: VideoPacket,
  bytes: Uint8Array,
  codingOf: (data: Uint8Array) => VideoCoding,
): VideoFrame {
  const coding = isKeyFrame ? readable(() => codingOf(bytes)) : undefined;
  return { bytes, isKeyFrame, isOpen: false, coding };
}

function audioFrameOf({ codec, data: bytes, description, channels }: AudioPacket) {
  switch (codec) {
    case "aac": {
      if (description === undefined) return undefined;
      return { bytes, coding: aacCodingOf(description, channels), samples: AAC_FRAME_SAMPLES };
    }
    case "opus": {
      const coding = description ? opusCodingOf(description) : opusCoding({ channels });
      const samples = opusPacketSamples(bytes);
      return samples === 0 ? undefined : { bytes, coding, samples };
    }
    case "mp3": {
      const header = MP3.read(bytes, 0);
      return header && { bytes, coding: header.coding, samples: header.samples };
    }
    case "ac3":
    case "eac3": {
      const { coding, samples } = readAc3Frame(bytes);
      return { bytes, coding, samples };
    }
  }
}

/** What is not what it should be is nothing. */
function readable<T extends AudioFrame | VideoFrame | AudioCoding | VideoCoding>(
  read: () => T | undefined,
): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
}
