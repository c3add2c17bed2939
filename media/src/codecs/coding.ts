/** Sample entries of ISO base media files that livemesh writes and reads. */
export type VideoEntryType = "avc1" | "hvc1" | "av01" | "vp09";
export type AudioEntryType = "mp4a" | "Opus" | "ac-3" | "ec-3";

/**
 * How the frames of a track are coded, as its init segment says it. Two codings with the same
 * bytes in `config` and the same numbers need no new init segment.
 */
export type VideoCoding = {
  kind: "video";
  /** RFC 6381, for `MediaSource.isTypeSupported`: `avc1.64001e`. */
  codec: string;
  entryType: VideoEntryType;
  /** The decoder's configuration, as a whole box: `avcC`, `hvcC`, `av1C`, `vpcC`. */
  config: Uint8Array;
  width: number;
  height: number;
};

export type AudioCoding = {
  kind: "audio";
  codec: string;
  entryType: AudioEntryType;
  /** As a whole box: `esds`, `dOps`, `dac3`, `dec3`. */
  config: Uint8Array;
  sampleRateHz: number;
  /** Channels that come out of the decoder. */
  channels: number;
};

export type TrackCoding = VideoCoding | AudioCoding;

export function isSameCoding(a: TrackCoding, b: TrackCoding | undefined): boolean {
  if (a === b) return true;
  if (b === undefined || a.codec !== b.codec) return false;
  const isSameConfig =
    a.config.length === b.config.length && a.config.every((byte, at) => byte === b.config[at]);
  return isSameConfig && shapeOf(a) === shapeOf(b);
}

function shapeOf(coding: TrackCoding): string {
  return coding.kind === "video"
    ? `${coding.width}×${coding.height}`
    : `${coding.sampleRateHz}/${coding.channels}`;
}

/** Two hexadecimal digits a byte, as codec strings have them. */
export function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
