/** Longer lines are cut: they show in logs. */
const LINE_MAX = 300;

/**
 * Complaints that follow from another one, or from how we use ffmpeg: its output is closed when a
 * source ends.
 */
const NOISE = [/^Error (writing|closing|muxing|submitting)/, /Broken pipe/, /^Conversion failed/];

/**
 * What a line of ffmpeg's standard error says to people, without its context, addresses in memory
 * and secrets; undefined for nothing.
 * @param input As in `-i`.
 */
export function readFfmpegLine(
  line: string,
  { input = "", secrets }: { input?: string | undefined; secrets: readonly string[] },
): string | undefined {
  const stated = line
    // `[rtmp @ 0x5649ea1ae200] [error] `
    .replace(/^(\[[^\]]* @ 0x[0-9a-f]+\] )*/i, "")
    .replace(/^\[(\w+)\] /, "")
    .replace(/^(\[[^\]]* @ 0x[0-9a-f]+\] )*/i, "")
    // What a stranger sent may be quoted: no control characters in anybody's terminal.
    .replace(/\p{Cc}+/gu, " ")
    .trim();
  // Who tells it has named the input.
  const text = stated.startsWith(`${input}: `) ? stated.slice(input.length + 2) : stated;
  if (text === "" || NOISE.some((noise) => noise.test(text))) return undefined;
  const masked = secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
  return masked.length > LINE_MAX ? `${masked.slice(0, LINE_MAX)}…` : masked;
}
