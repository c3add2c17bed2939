export const STREAM_TYPE_AAC_ADTS = 0x0f;
export const STREAM_TYPE_H264 = 0x1b;

/** Stream types people send by mistake (ISO/IEC 13818-1, table 2-34, and ATSC A/53). */
const NAMES: Record<number, string> = {
  1: "MPEG-1 video",
  2: "MPEG-2 video",
  3: "MP2/MP3 audio",
  4: "MP2/MP3 audio",
  6: "private data (subtitles, Opus or AC-3)",
  15: "AAC",
  16: "MPEG-4 part 2 video",
  17: "AAC in LATM",
  21: "timed metadata",
  27: "H.264",
  33: "JPEG 2000 video",
  36: "HEVC video",
  51: "VVC video",
  129: "AC-3 audio",
  134: "SCTE-35 events",
  135: "E-AC-3 audio",
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
