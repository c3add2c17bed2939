import type { ElementaryStream } from "./psi.ts";

export type TsCodec = "h264" | "hevc" | "aac" | "mp3" | "ac3" | "opus";
export type Kind = "video" | "audio";

/** What an elementary stream brings, if it is something we carry. */
export type Carried = {
  kind: Kind;
  codec: TsCodec;
  /** Where the frames do not say it: Opus. */
  channels?: number;
};

/** By stream type (ISO/IEC 13818-1, table 2-34, and ATSC A/53). */
const CODECS: Record<number, Carried> = {
  3: { kind: "audio", codec: "mp3" },
  4: { kind: "audio", codec: "mp3" },
  15: { kind: "audio", codec: "aac" },
  27: { kind: "video", codec: "h264" },
  36: { kind: "video", codec: "hevc" },
  129: { kind: "audio", codec: "ac3" },
  135: { kind: "audio", codec: "ac3" },
};

const PRIVATE_DATA = 6;
const REGISTRATION = 0x05;
/** ETSI EN 300 468, annex D: AC-3 and E-AC-3. */
const DVB_AC3 = [0x6a, 0x7a];
const OPUS_CHANNELS = 0x7f80;

/** Undefined for what we do not carry. */
export function carriedBy({ streamType, descriptors }: ElementaryStream): Carried | undefined {
  if (streamType !== PRIVATE_DATA) return CODECS[streamType];
  const format = String.fromCharCode(...(descriptors.get(REGISTRATION) ?? []).slice(0, 4));
  const isAc3 = format === "AC-3" || format === "EAC3";
  if (isAc3 || DVB_AC3.some((tag) => descriptors.has(tag))) return { kind: "audio", codec: "ac3" };
  if (format !== "Opus") return undefined;
  // 0 is two channels that are two languages; more than two have streams in an order of their own.
  const channels = descriptors.get(OPUS_CHANNELS)?.[1] ?? 2;
  return channels > 2 ? undefined : { kind: "audio", codec: "opus", channels: channels || 2 };
}

/** Streams of things that happen at a time. */
export type EventKind = "id3" | "scte35";
const EVENT_KINDS: Record<number, EventKind> = { 21: "id3", 134: "scte35" };

/** Undefined for all but streams of events. */
export function eventsOf({ streamType }: ElementaryStream): EventKind | undefined {
  return EVENT_KINDS[streamType];
}

/** For people: what is carried. */
export const CARRIED_CODECS = "H.264 and HEVC video, AAC, MP3, AC-3, E-AC-3 and Opus audio";

/** Other stream types people send. */
const NAMES: Record<number, string> = {
  1: "MPEG-1 video",
  2: "MPEG-2 video",
  6: "private data (subtitles, teletext, AV1 or Opus with more than two channels)",
  16: "MPEG-4 part 2 video",
  17: "AAC in LATM",
  21: "timed metadata",
  32: "H.264 in several layers",
  33: "JPEG 2000 video",
  51: "VVC video",
  130: "DTS audio",
  134: "SCTE-35 events",
};

export function describeStreamType(streamType: number): string {
  const code = `stream type 0x${streamType.toString(16).padStart(2, "0")}`;
  const name = NAMES[streamType];
  return name === undefined ? code : `${name} (${code})`;
}

/** Beginnings of what gets sent instead of a transport stream. */
export function guessFormat(bytes: Uint8Array): string {
  const wrapped = [192, 204].find((size) => hasBeat(bytes, size));
  if (wrapped !== undefined) return `MPEG-TS in packets of ${wrapped} instead of 188 bytes`;
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  if (text.slice(4, 8) === "ftyp" || text.slice(4, 8) === "moof") return "MP4";
  if (text.startsWith("FLV")) return "FLV";
  if (text.startsWith("\x1aE\xdf\xa3")) return "Matroska or WebM";
  if (text.startsWith("OggS")) return "Ogg";
  if (text.startsWith("RIFF")) return "AVI or WAV";
  if (text.startsWith("\x03") && bytes.length >= 9) return "RTMP";
  if (/^(GET|POST|PUT|HTTP|OPTIONS) ?/.test(text)) return "HTTP";
  if (text.startsWith("\0\0\0\x01") || text.startsWith("\0\0\x01")) return "raw H.264";
  if (text.startsWith("#EXTM3U")) return "an HLS playlist";
  return "unknown data";
}

/** How much of the beginning `guessFormat` wants to see. */
export const GUESS_BYTES = 1024;

/** M2TS puts 4 bytes before each packet, DVB recordings 16 behind. */
function hasBeat(bytes: Uint8Array, packetBytes: number): boolean {
  const first = packetBytes === 192 ? 4 : 0;
  return [0, 1, 2, 3].every((index) => bytes[first + index * packetBytes] === 0x47);
}
