import { writeEventMessage } from "#media";
import type { PackagedChunk, PackagedTrack, PackagerEvent } from "../packager.ts";
import { AudioTrack } from "./audio-track.ts";
import type { AudioFrame, VideoFrame } from "./frames.ts";
import { MissingSound } from "./missing-sound.ts";
import { SourceClock } from "./source-clock.ts";
import { StillFrames } from "./still-frames.ts";
import { TICKS_PER_SEC, type Timed, TimeLine } from "./time-line.ts";
import { VideoTrack } from "./video-track.ts";
import type { Warnings } from "./warnings.ts";

/** Pictures without a key frame after which somebody should be told: six seconds. */
const KEYLESS_PICTURES = 150;

/** What came from a container at one time: a picture, or some frames of sound. */
export type TimedFrame = Timed & { arrivedAtMs: number } & (
    | { kind: "video"; frame: VideoFrame }
    | {
        kind: "audio";
        frames: readonly AudioFrame[];
        /** The one that the time belongs to; undefined where all follow what came before. */
        stampedIndex: number | undefined;
      }
  );

/** Something that happens at a time of the input. */
export type PacketEvent = {
  scheme: string;
  data: Uint8Array;
  /** As sent; undefined for now. */
  ptsTicks: number | undefined;
  durationTicks: number | undefined;
};

export type FramePackagerOptions = {
  /** Wanted length of a chunk, in ms, 20 to 10,000. */
  chunkMs: number;
  warnings: Warnings;
  onEvent: (event: PackagerEvent) => void;
};

/** Frames of whatever container in, chunks of separate video and audio tracks out. */
export class FramePackager {
  readonly #warnings: Warnings;
  readonly #timeLine: TimeLine<TimedFrame>;
  readonly #video: VideoTrack;
  readonly #audio: AudioTrack;
  readonly #clock = new SourceClock();
  readonly #missingSound = new MissingSound();
  #hasVideo = false;
  #eventCount = 0;
  readonly #still = new StillFrames();
  /** Length of the slate so far, in ticks. */
  #heldTicks = 0;
  #keylessPictures = 0;

  constructor({ chunkMs, warnings, onEvent }: FramePackagerOptions) {
    checkChunkMs(chunkMs);
    this.#warnings = warnings;
    const out = {
      chunkMs,
      onTrack: (track: PackagedTrack) => onEvent({ type: "track", track }),
      onChunk: (chunk: PackagedChunk) => onEvent({ type: "chunk", chunk }),
    };
    this.#video = new VideoTrack({
      ...out,
      onChange: (before, now) =>
        warnings.add(
          "picture-changed",
          `the picture changed from ${before} to ${now}; going on with it`,
        ),
      onLeadingPicture: () =>
        warnings.add(
          "open-gop",
          "the encoder uses open GOPs; pictures that need the GOP before are left out, so that viewers can join (x264: open-gop=0)",
        ),
    });
    this.#audio = new AudioTrack({
      ...out,
      onStray: (strayMs) =>
        warnings.add(
          "audio-strays",
          strayMs > 0
            ? `the sound has a hole of ${Math.round(strayMs)} ms by its time stamps: silence is put in, so that it stays with the picture`
            : `the sound is ${Math.round(-strayMs)} ms longer than its time stamps say: some is left out, so that it stays with the picture`,
        ),
    });
    this.#timeLine = new TimeLine<TimedFrame>({
      onFrame: (frame) => this.#place(frame),
      onEpoch: () => this.#beginEpoch(),
      onJump: (kind) =>
        warnings.add("time-jump", `${kind} time stamps jumped; going on without a gap`),
      onApart: (kind) =>
        warnings.add(
          "time-apart",
          `${kind} is left out: its time stamps are more than 5 s away from those of the other track`,
        ),
    });
  }

  setChunkMs(chunkMs: number): void {
    checkChunkMs(chunkMs);
    this.#video.setChunkMs(chunkMs);
    this.#audio.setChunkMs(chunkMs);
  }

  /** Which kinds will come, so that an epoch waits for all of them. */
  expect(kinds: readonly ("video" | "audio")[]): void {
    this.#timeLine.expect(kinds);
    this.#missingSound.announced(kinds.includes("audio"));
  }

  push(frame: TimedFrame): void {
    if (frame.kind === "video") {
      this.#watchKeys(frame.frame);
      this.#still.seenPicture(frame.frame);
    } else if (frame.frames[0] !== undefined) this.#still.seenSound(frame.frames[0]);
    this.#timeLine.push(frame);
  }

  /**
   * Something that happens at a time. It goes out with the next chunk, before its time has come if
   * the encoder said it early enough.
   */
  addEvent({ scheme, data, ptsTicks, durationTicks }: PacketEvent): void {
    const now = this.#timeLine.endTicks;
    const at = ptsTicks === undefined ? undefined : this.#timeLine.placeOf(ptsTicks);
    const event = writeEventMessage({
      scheme,
      value: "",
      id: this.#eventCount++ % 2 ** 32,
      timescale: TICKS_PER_SEC,
      timeTicks: Math.round(at ?? now),
      durationTicks,
      data,
    });
    const isTaken = (this.#hasVideo ? this.#video : this.#audio).addEvent(event);
    if (!isTaken)
      this.#warnings.add("events", "more timed metadata than a chunk may carry: left out");
  }

  /** The last key frame and silence, for so long; nothing before anything came. See `Packager`. */
  hold(durationMs: number, arrivedAtMs: number): void {
    const { picture, hasSilence } = this.#still;
    const start = this.#heldTicks;
    const end = start + (durationMs * TICKS_PER_SEC) / 1000;
    this.#heldTicks = end;
    const kinds = [
      ...(picture ? ["video" as const] : []),
      ...(hasSilence ? ["audio" as const] : []),
    ];
    this.#timeLine.expect(kinds);
    const timed = { arrivedAtMs, isEntry: true, nextDts: undefined };
    if (picture !== undefined) {
      const sizeBytes = picture.bytes.length;
      const times = { dts: start, pts: start, nextDts: end };
      this.#timeLine.push({ ...timed, ...times, kind: "video", sizeBytes, frame: picture });
    }
    const silence = this.#still.silenceUntil(end / TICKS_PER_SEC);
    if (silence === undefined) return;
    const { frames, startSec } = silence;
    const at = Math.round(startSec * TICKS_PER_SEC);
    const sizeBytes = frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const times = { dts: at, pts: at };
    const sound = { frames, stampedIndex: 0, sizeBytes };
    this.#timeLine.push({ ...timed, ...times, kind: "audio", ...sound });
  }

  /** What is buffered goes out; the next times may be anything. */
  discontinuity(): void {
    this.flush();
    this.#timeLine.newEpoch();
    this.#still.restart();
    this.#heldTicks = 0;
    this.#keylessPictures = 0;
  }

  flush(): void {
    this.#timeLine.flush();
    this.#video.flush();
    this.#audio.flush();
  }

  #watchKeys({ isKeyFrame }: VideoFrame): void {
    this.#keylessPictures = isKeyFrame ? 0 : this.#keylessPictures + 1;
    if (this.#keylessPictures === KEYLESS_PICTURES) {
      this.#warnings.add(
        "no-key-frame",
        `no key frame in ${KEYLESS_PICTURES} pictures, and viewers can only begin at one: make the encoder send one every second or two (ffmpeg: -g 50)`,
      );
    }
  }

  #place(frame: TimedFrame): void {
    this.#clock.note(frame.arrivedAtMs, (frame.dts * 1000) / TICKS_PER_SEC);
    if (frame.kind === "video") this.#placeVideo(frame);
    else this.#placeAudio(frame);
  }

  #placeVideo(frame: TimedFrame & { kind: "video" }): void {
    this.#hasVideo = true;
    const sourceTimeMs = (mediaTimeMs: number) => this.#clock.sourceTimeMs("video", mediaTimeMs);
    const end = this.#video.push(frame.frame, frame, sourceTimeMs);
    if (end === undefined) return;
    this.#timeLine.reached("video", end);
    this.#fillSound(this.#missingSound.shown(end));
  }

  /** Players of separate tracks stop where one of them does. */
  #fillSound(untilTicks: number | undefined): void {
    if (untilTicks === undefined) return;
    const sourceTimeMs = (mediaTimeMs: number) => this.#clock.sourceTimeMs("audio", mediaTimeMs);
    const { isSilent } = this.#audio;
    const end = this.#audio.silenceTo(untilTicks, sourceTimeMs);
    if (end === undefined) return;
    this.#timeLine.reached("audio", end);
    if (isSilent) return;
    this.#warnings.add(
      "no-sound",
      "no sound comes any more: silence takes its place, so that players go on",
    );
  }

  #placeAudio({ frames, stampedIndex, pts }: TimedFrame & { kind: "audio" }): void {
    const sourceTimeMs = (mediaTimeMs: number) => this.#clock.sourceTimeMs("audio", mediaTimeMs);
    for (const [index, frame] of frames.entries()) {
      const ticks = index === stampedIndex ? pts : undefined;
      const end = this.#audio.push(frame, ticks, sourceTimeMs);
      this.#timeLine.reached("audio", end);
      this.#missingSound.heard(end);
    }
  }

  #beginEpoch(): void {
    this.#clock.reset();
    this.#video.discontinuity();
    this.#audio.discontinuity();
  }
}

function checkChunkMs(chunkMs: number): void {
  if (chunkMs >= 20 && chunkMs <= 10_000) return;
  throw new RangeError(`chunkMs must be 20 to 10,000, got ${chunkMs}`);
}
