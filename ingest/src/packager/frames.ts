import type { AudioCoding, VideoCoding } from "#media";

/** One picture as it goes into fMP4, and what was found on the way. */
export type VideoFrame = {
  bytes: Uint8Array;
  /** Decoding may begin here. */
  isKeyFrame: boolean;
  /** A key frame after which pictures may come that need the GOP before. */
  isOpen: boolean;
  /** How it and what follows is coded, at key frames; undefined while that is not known. */
  coding: VideoCoding | undefined;
  /** Captions that have text in this picture: `CC1`, `CC3`, `SERVICE1`. */
  captions?: readonly string[] | undefined;
};

/** One frame of coded sound as it goes into fMP4. */
export type AudioFrame = {
  coding: AudioCoding;
  bytes: Uint8Array;
  /** PCM samples in it, at the rate of the coding. */
  samples: number;
};

/** Finds the frames in the audio units of a container, also those that lie across two units. */
export interface AudioReader {
  /**
   * The whole frames up to the end of `data`. `isFirstCarried`: the first began in the unit before,
   * so that this unit's time stamp belongs to the one after it.
   */
  push(data: Uint8Array): { frames: AudioFrame[]; isFirstCarried: boolean };
  /** What comes next has nothing to do with what came. */
  reset(): void;
}

/** Turns the video units of a container into pictures. */
export interface VideoReader {
  /** Undefined without a picture. */
  read(data: Uint8Array): VideoFrame | undefined;
}
