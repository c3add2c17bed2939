const CODEC_NAMES: [prefix: string, name: string][] = [
  ["avc", "H.264"],
  ["hev", "H.265 (HEVC)"],
  ["hvc", "H.265 (HEVC)"],
  ["av01", "AV1"],
  ["vp09", "VP9"],
  ["mp4a.40", "AAC"],
  ["mp4a.6b", "MP3"],
  ["ac-3", "AC-3"],
  ["ec-3", "E-AC-3"],
  ["opus", "Opus"],
];

/** `H.264 (avc1.64001e)`, or the bare string of a codec without a better name. */
export function codecName(codec: string): string {
  const name = shortCodecName(codec);
  return name === codec ? codec : `${name} (${codec})`;
}

export function shortCodecName(codec: string): string {
  const lower = codec.toLowerCase();
  return CODEC_NAMES.find(([prefix]) => lower.startsWith(prefix))?.[1] ?? codec;
}
