/** Codecs in whose pictures captions are looked for, by what their codec strings begin with. */
export type CaptionedCodec = "avc1" | "hvc1";

/** Undefined for codecs whose captions nobody here can read. */
export function captionedCodec(codec: string): CaptionedCodec | undefined {
  return (["avc1", "hvc1"] as const).find((known) => codec.startsWith(known));
}
