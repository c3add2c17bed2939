import { type InitSegmentInfo, MediaError, readInitSegment } from "#media";
import { adtsWriter } from "./adts.ts";
import { readNalConfig, toAnnexB } from "./annex-b.ts";
import { AUDIO_STREAM_ID, PRIVATE_STREAM_ID, VIDEO_STREAM_ID } from "./pes-writer.ts";

/** How a codec stands in a transport stream. */
export type TsCoding = {
  /** ISO/IEC 13818-1, table 2-34; ATSC A/53 for AC-3. */
  streamType: number;
  /** What the program map says besides. */
  descriptors: readonly number[];
  /** Of its PES packets (table 2-22). */
  streamId: number;
  /** One frame of fMP4 as it stands here. @throws {MediaError} */
  parts(frame: Uint8Array, isKeyFrame: boolean): Uint8Array[];
};

const REGISTRATION = 0x05;
const OPUS_EXTENSION = [0x7f, 2, 0x80];
/** More channels have streams in an order of their own. */
const OPUS_CHANNELS_MAX = 2;

/**
 * Undefined for codecs that MPEG-TS has no place for: VP9, AV1, Opus with more than two channels.
 * @throws {MediaError} When the init segment is none.
 */
export function tsCodingOf(init: Uint8Array): TsCoding | undefined {
  const info = readInitSegment(init);
  const [family = ""] = info.codec.split(".");
  switch (family) {
    case "avc1":
      return nalCoding(0x1b, init);
    case "hvc1":
      return nalCoding(0x24, init);
    case "mp4a":
      return mpegAudio(info);
    case "ac-3":
      return privateAudio(0x81, registration("AC-3"), (frame) => [frame]);
    case "ec-3":
      return privateAudio(0x87, registration("EAC3"), (frame) => [frame]);
    case "opus":
      return opus(info);
    default:
      return undefined;
  }
}

function nalCoding(streamType: number, init: Uint8Array): TsCoding {
  const config = readNalConfig(init);
  const parts = (frame: Uint8Array, isKeyFrame: boolean) => toAnnexB(frame, isKeyFrame, config);
  return { streamType, descriptors: [], streamId: VIDEO_STREAM_ID, parts };
}

/** MP3 is as it is everywhere; AAC needs its headers back. */
function mpegAudio(info: InitSegmentInfo): TsCoding {
  const audio = { descriptors: [], streamId: AUDIO_STREAM_ID };
  if (info.codec === "mp4a.6b") return { ...audio, streamType: 3, parts: (frame) => [frame] };
  if (info.codec === "mp4a.69") return { ...audio, streamType: 4, parts: (frame) => [frame] };
  const adts = adtsWriter(info);
  return { ...audio, streamType: 0x0f, parts: (frame) => [adts(frame), frame] };
}

function opus({ channels = 2 }: InitSegmentInfo): TsCoding | undefined {
  if (channels > OPUS_CHANNELS_MAX) return undefined;
  const descriptors = [...registration("Opus"), ...OPUS_EXTENSION, channels];
  return privateAudio(6, descriptors, (packet) => [opusControl(packet.length), packet]);
}

function privateAudio(
  streamType: number,
  descriptors: readonly number[],
  parts: TsCoding["parts"],
): TsCoding {
  return { streamType, descriptors, streamId: PRIVATE_STREAM_ID, parts };
}

/** Who defined the format (ISO/IEC 13818-1, 2.6.8). */
function registration(format: string): number[] {
  return [REGISTRATION, format.length, ...Buffer.from(format, "latin1")];
}

/** The control header of an Opus packet: nothing is trimmed, and how long it is (ETSI TS 103 799). */
function opusControl(sizeBytes: number): Uint8Array {
  const full = Math.floor(sizeBytes / 255);
  return Uint8Array.from([0x7f, 0xe0, ...new Array<number>(full).fill(255), sizeBytes % 255]);
}

/** What a track is called in words: `AV1 video`. */
export function codecName(init: Uint8Array): string {
  try {
    const { codec, kind } = readInitSegment(init);
    return `${codec} ${kind}`;
  } catch (error) {
    if (error instanceof MediaError) return "a track";
    throw error;
  }
}
