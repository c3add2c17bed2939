import { isSameCoding } from "#media";
import type { AudioFrame, VideoFrame } from "./frames.ts";
import { silenceAfter } from "./silence.ts";

/** What a slate shows: made of what came last, so that it fits, whatever the codec and the size. */
export class StillFrames {
  #picture: VideoFrame | undefined;
  #silence: AudioFrame | undefined;
  /** Sound given out since {@link restart}, in samples. */
  #samples = 0;

  /** The last picture that can be decoded by itself. */
  get picture(): VideoFrame | undefined {
    return this.#picture;
  }

  /** Whether there is sound that silence can be made for. */
  get hasSilence(): boolean {
    return this.#silence !== undefined;
  }

  seenPicture(frame: VideoFrame): void {
    if (frame.isKeyFrame && frame.coding !== undefined) this.#picture = frame;
  }

  seenSound(frame: AudioFrame): void {
    if (isSameCoding(frame.coding, this.#silence?.coding)) return;
    this.#silence = silenceAfter(frame);
  }

  /** Another stretch of stillness begins. */
  restart(): void {
    this.#samples = 0;
  }

  /** Frames of silence up to a time since the restart, in seconds, and where the first begins. */
  silenceUntil(endSec: number): { frames: AudioFrame[]; startSec: number } | undefined {
    const silence = this.#silence;
    if (silence === undefined) return undefined;
    const { sampleRateHz } = silence.coding;
    const startSec = this.#samples / sampleRateHz;
    const count = Math.max(0, Math.ceil((endSec - startSec) * (sampleRateHz / silence.samples)));
    this.#samples += count * silence.samples;
    return { frames: Array.from({ length: count }, () => silence), startSec };
  }
}
