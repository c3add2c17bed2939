/** Codecs of containers that we carry, in mediabunny's words. */
export const VIDEO_CODECS = ["avc", "hevc", "vp9", "av1"] as const;
export const AUDIO_CODECS = ["aac", "opus", "mp3", "ac3", "eac3"] as const;

type PacketBase = {
  /** Which kinds its container has, so that the stream begins with all of them. */
  kinds: readonly ("video" | "audio")[];
  /** What the decoder has to know first, as the container has it: `avcC`, `OpusHead` and the like. */
  description: Uint8Array | undefined;
  data: Uint8Array;
  /** At 90 kHz, from anywhere; decode times rise from picture to picture. */
  ptsTicks: number;
  dtsTicks: number;
};

/** One coded picture, or one frame of sound, as it was found in a container. In decode order. */
export type MediaPacket = PacketBase &
  (
    | { kind: "video"; codec: (typeof VIDEO_CODECS)[number]; isKeyFrame: boolean }
    | { kind: "audio"; codec: (typeof AUDIO_CODECS)[number]; channels: number }
  );
