/** One encoding of the picture. */
export type LadderVideo = {
  /** Lines of a landscape picture; of an upright one, columns. */
  lines: number;
  bitrateBps: number;
};

/** What one picture and its sound are encoded to. */
export type Ladder = {
  /** Best first; empty when the picture is passed on as it is. */
  video: readonly LadderVideo[];
  /** Undefined when the sound is passed on as it is. */
  audioBps: number | undefined;
};

/** `copy` passes everything on as it is. */
export const COPY = "copy";

/** Usual rates of H.264 at 25 to 30 pictures a second, in bit/s: what large sites ask encoders for. */
const USUAL_BPS: Readonly<Record<number, number>> = {
  2160: 14_000_000,
  1440: 9_000_000,
  1080: 5_000_000,
  720: 2_500_000,
  540: 1_600_000,
  480: 1_200_000,
  360: 700_000,
  240: 350_000,
};
const USUAL_AUDIO_BPS = 128_000;

/** Renditions of the picture at most: with its sound they fit a descriptor's eight tracks, and its
 * one message. */
const VIDEO_MAX = 6;
const LINES = { min: 90, max: 4320 };
const VIDEO_BPS = { min: 50_000, max: 100_000_000 };
const AUDIO_BPS = { min: 16_000, max: 512_000 };

/**
 * Read `1080p,720p:2500k,360p,audio`.
 * @returns Undefined for `copy`: nothing is encoded.
 * @throws {RangeError} In one line: what was found and what is needed.
 */
export function parseLadder(text: string): Ladder | undefined {
  const parts = text.split(",").map((part) => part.trim().toLowerCase());
  if (parts.length === 1 && parts[0] === COPY) return undefined;
  const video: LadderVideo[] = [];
  let audioBps: number | undefined;
  for (const part of parts) {
    const [, name = "", rate] = /^(\d{2,4}p|audio)(?::(.+))?$/.exec(part) ?? [];
    if (name === "") throw invalid(`"${part}" is neither a size as 720p nor audio`);
    const isAgain = name === "audio" ? audioBps !== undefined : has(video, linesOf(name));
    if (isAgain) throw invalid(`${name} is named twice`);
    if (name === "audio") audioBps = audioRate(rate);
    else video.push(videoOf(name, rate));
  }
  if (video.length > VIDEO_MAX) throw invalid(`${video.length} sizes, up to ${VIDEO_MAX} can be`);
  return { video: video.sort((a, b) => b.lines - a.lines), audioBps };
}

function videoOf(name: string, rate: string | undefined): LadderVideo {
  const lines = linesOf(name);
  if (lines < LINES.min || lines > LINES.max || lines % 2 === 1) {
    throw invalid(`${name} is not an even number of lines from ${LINES.min} to ${LINES.max}`);
  }
  const bitrateBps = rate === undefined ? USUAL_BPS[lines] : bps(rate);
  if (bitrateBps === undefined && rate === undefined) {
    throw invalid(`${name} has no usual bit rate: name one, as in ${name}:1500k`);
  }
  return { lines, bitrateBps: within(bitrateBps, VIDEO_BPS, `${name}:${rate}`) };
}

function audioRate(rate: string | undefined): number {
  return rate === undefined ? USUAL_AUDIO_BPS : within(bps(rate), AUDIO_BPS, `audio:${rate}`);
}

function linesOf(name: string): number {
  return Number(name.slice(0, -1));
}

function has(video: readonly LadderVideo[], lines: number): boolean {
  return video.some((one) => one.lines === lines);
}

/** `2500k` or `2.5m`, as ffmpeg writes rates; undefined for something else. */
function bps(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d{1,6}(?:\.\d{1,3})?)([km])$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Math.round(Number(number) * (unit === "k" ? 1000 : 1_000_000));
}

function within(value: number | undefined, { min, max }: typeof VIDEO_BPS, found: string): number {
  if (value !== undefined && value >= min && value <= max) return value;
  throw invalid(`${found} is not a bit rate from ${min / 1000}k to ${max / 1000}k, as in 2500k`);
}

function invalid(why: string): RangeError {
  return new RangeError(`${why}; a list as 1080p,720p:2500k,360p,audio is needed, or ${COPY}`);
}
