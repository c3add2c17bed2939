import {
  aacCodingOf,
  av1Coding,
  av1Sample,
  box,
  opusCoding,
  opusCodingOf,
  type TrackCoding,
  vp9Coding,
} from "#media";

/** What encoders say of their output, as far as it is needed here. */
export type DecoderFacts = {
  codec: string;
  description?: AllowSharedBufferSource;
  codedWidth?: number;
  codedHeight?: number;
  sampleRate?: number;
  numberOfChannels?: number;
};

/**
 * How a track is coded, from what the browser's encoder says and from its first key frame.
 * @throws {MediaError|TypeError} When it is nothing we can put into a stream.
 */
export function codingOf(facts: DecoderFacts, keyFrame: Uint8Array): TrackCoding {
  const { codec } = facts;
  const description = facts.description && bytesOf(facts.description);
  if (codec.startsWith("avc1") && description !== undefined) {
    const { codedWidth: width = 0, codedHeight: height = 0 } = facts;
    const config = box("avcC", description);
    return { kind: "video", codec, entryType: "avc1", config, width, height };
  }
  if (codec.startsWith("vp09") || codec === "vp9") return vp9Coding(keyFrame);
  if (codec.startsWith("av01")) return av1Coding(keyFrame);
  if (codec.startsWith("mp4a") && description !== undefined) return aacCodingOf(description);
  if (codec === "opus") {
    if (description !== undefined) return opusCodingOf(description);
    return opusCoding({ channels: facts.numberOfChannels ?? 2 });
  }
  throw new TypeError(`${codec} is no codec a stream can have`);
}

/** A frame's bytes as fMP4 has them. */
export function sampleOf(codec: string, bytes: Uint8Array): Uint8Array {
  return codec.startsWith("av01") ? av1Sample(bytes) : bytes;
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}
