import type { PackagedChunk, PackagedTrack, Packager, PackagerEvent } from "../packager.ts";
import { type AccessUnit, readAccessUnit } from "./access-unit.ts";
import { AdtsReader } from "./adts.ts";
import { AudioTrack } from "./audio-track.ts";
import type { PesUnit } from "./pes.ts";
import { SourceClock } from "./source-clock.ts";
import { GUESS_BYTES, guessFormat } from "./stream-types.ts";
import { TICKS_PER_SEC, type Timed, TimeLine } from "./time-line.ts";
import { type Kind, TsDemuxer } from "./ts-demuxer.ts";
import { VideoTrack } from "./video-track.ts";
import { Warnings } from "./warnings.ts";

/** Without a packet in so many bytes it is no transport stream. */
const NOT_TS_BYTES = 64 * 1024;
/** Without a program table in so many bytes there will be none; it is due every 0.1 to 0.5 s. */
const NO_PROGRAM_BYTES = 4 * 1024 * 1024;

/** Pictures without a key frame after which somebody should be told: six seconds. */
const KEYLESS_PICTURES = 150;

type Frame = Timed & { arrivedAtMs: number } & (
    | { kind: "video"; unit: AccessUnit }
    | { kind: "audio"; data: Uint8Array; isStamped: boolean }
  );

/**
 * MPEG-TS with H.264 and AAC in, chunks of separate video and audio tracks out. Pure: the wall clock
 * comes with the bytes. docs/design/packager.md says how times are made and what is dropped when.
 */
export class TsPackager implements Packager {
  readonly #warnings = new Warnings();
  readonly #demuxer: TsDemuxer;
  readonly #timeLine: TimeLine<Frame>;
  readonly #video: VideoTrack;
  readonly #audio: AudioTrack;
  readonly #adts = new AdtsReader();
  readonly #clock = new SourceClock();
  #events: PackagerEvent[] = [];
  #firstBytes = new Uint8Array(0);
  /** Bytes since the encoder connected. */
  #bytesSeen = 0;
  #hasProgram = false;
  #keylessPictures = 0;

  /**
   * @param chunkMs Wanted length of a chunk, in ms, 20 to 10,000.
   * @param videoPlace Which of several videos is packaged, from 0. Default the first.
   */
  constructor({ chunkMs, videoPlace = 0 }: { chunkMs: number; videoPlace?: number }) {
    if (!(chunkMs >= 20 && chunkMs <= 10_000)) {
      throw new RangeError(`chunkMs must be 20 to 10,000, got ${chunkMs}`);
    }
    const out = {
      chunkMs,
      onTrack: (track: PackagedTrack) => this.#events.push({ type: "track", track }),
      onChunk: (chunk: PackagedChunk) => this.#events.push({ type: "chunk", chunk }),
    };
    this.#video = new VideoTrack({
      ...out,
      onLeadingPicture: () =>
        this.#warnings.add(
          "open-gop",
          "the encoder uses open GOPs; pictures that need the GOP before are left out, so that viewers can join (x264: open-gop=0)",
        ),
    });
    this.#audio = new AudioTrack(out);
    this.#timeLine = new TimeLine<Frame>({
      onFrame: (frame) => this.#place(frame),
      onEpoch: () => this.#beginEpoch(),
      onJump: (kind) =>
        this.#warnings.add("time-jump", `${kind} time stamps jumped; going on without a gap`),
      onApart: (kind) =>
        this.#warnings.add(
          "time-apart",
          `${kind} is left out: its time stamps are more than 5 s away from those of the other track`,
        ),
    });
    this.#demuxer = new TsDemuxer(
      this.#warnings,
      (kind, unit) => this.#take(kind, unit),
      (kinds) => {
        this.#hasProgram = true;
        this.#timeLine.expect(kinds);
      },
      videoPlace,
    );
  }

  push(bytes: Uint8Array, wallClockMs: number): PackagerEvent[] {
    this.#warnings.setNow(wallClockMs);
    const missing = GUESS_BYTES - this.#firstBytes.length;
    if (missing > 0) {
      this.#firstBytes = Uint8Array.of(...this.#firstBytes, ...bytes.subarray(0, missing));
    }
    this.#bytesSeen += bytes.length;
    this.#demuxer.push(bytes, wallClockMs);
    this.#checkFormat();
    return this.#takeEvents();
  }

  discontinuity(): PackagerEvent[] {
    this.#end();
    this.#timeLine.newEpoch();
    this.#demuxer.reset();
    this.#warnings.reset();
    this.#firstBytes = new Uint8Array(0);
    this.#bytesSeen = 0;
    this.#hasProgram = false;
    this.#keylessPictures = 0;
    return this.#takeEvents();
  }

  flush(): PackagerEvent[] {
    this.#end();
    return this.#takeEvents();
  }

  #end(): void {
    if (!this.#demuxer.hasPackets && this.#bytesSeen > 0) this.#warnNotTs();
    this.#demuxer.flush();
    this.#timeLine.flush();
    this.#adts.reset();
    this.#video.flush();
    this.#audio.flush();
  }

  #take(kind: Kind, unit: PesUnit): void {
    if (unit.isDamaged) {
      this.#warnings.add("damaged", `a damaged ${kind} unit was dropped`);
      if (kind === "audio") this.#adts.reset();
      return;
    }
    if (kind === "video") this.#takeVideo(unit);
    else {
      const { data, isStamped } = unit;
      this.#timeLine.push({ ...timesOf(unit), kind, isEntry: true, data, isStamped });
    }
  }

  /** Pictures without a time stamp of their own are not supported: nothing tells their order. */
  #takeVideo(pes: PesUnit): void {
    const unit = pes.isStamped ? readAccessUnit(pes.data) : undefined;
    if (unit === undefined) return;
    this.#keylessPictures = unit.isKeyFrame ? 0 : this.#keylessPictures + 1;
    if (this.#keylessPictures === KEYLESS_PICTURES) {
      this.#warnings.add(
        "no-key-frame",
        `no key frame in ${KEYLESS_PICTURES} pictures, and viewers can only begin at one: make the encoder send one every second or two (ffmpeg: -g 50)`,
      );
    }
    this.#timeLine.push({ ...timesOf(pes), kind: "video", isEntry: unit.isKeyFrame, unit });
  }

  #place(frame: Frame): void {
    this.#clock.note(frame.arrivedAtMs, (frame.dts * 1000) / TICKS_PER_SEC);
    if (frame.kind === "video") this.#placeVideo(frame);
    else this.#placeAudio(frame);
  }

  #placeVideo(frame: Frame & { kind: "video" }): void {
    const sourceTimeMs = (mediaTimeMs: number) => this.#clock.sourceTimeMs("video", mediaTimeMs);
    const end = this.#video.push(frame.unit, frame, sourceTimeMs);
    if (end !== undefined) this.#timeLine.reached("video", end);
  }

  #placeAudio({ data, isStamped, pts }: Frame & { kind: "audio" }): void {
    const { frames, isFirstCarried } = this.#adts.push(data);
    const stampedIndex = isFirstCarried ? 1 : 0;
    const sourceTimeMs = (mediaTimeMs: number) => this.#clock.sourceTimeMs("audio", mediaTimeMs);
    for (const [index, aac] of frames.entries()) {
      const ticks = isStamped && index === stampedIndex ? pts : undefined;
      this.#timeLine.reached("audio", this.#audio.push(aac, ticks, sourceTimeMs));
    }
  }

  #beginEpoch(): void {
    this.#clock.reset();
    this.#adts.reset();
    this.#video.discontinuity();
    this.#audio.discontinuity();
  }

  #checkFormat(): void {
    if (!this.#demuxer.hasPackets) {
      if (this.#bytesSeen >= NOT_TS_BYTES) this.#warnNotTs();
    } else if (!this.#hasProgram && this.#bytesSeen >= NO_PROGRAM_BYTES) {
      this.#warnings.add(
        "no-program",
        "MPEG-TS without a program table (PAT and PMT): nothing to play",
      );
    }
  }

  #warnNotTs(): void {
    const format = guessFormat(this.#firstBytes);
    this.#warnings.add(
      "not-ts",
      `the input is no MPEG-TS but looks like ${format}; send MPEG-TS with H.264 and AAC (ffmpeg: -f mpegts)`,
    );
  }

  #takeEvents(): PackagerEvent[] {
    const warnings = this.#warnings
      .take()
      .map((message) => ({ type: "warning" as const, message }));
    const events = [...warnings, ...this.#events];
    this.#events = [];
    return events;
  }
}

function timesOf({ dts, pts, nextDts, data, arrivedAtMs }: PesUnit) {
  return { dts, pts, nextDts, arrivedAtMs, sizeBytes: data.length };
}

/** The packager for `media` in MPEG-TS. */
export function createTsPackager(options: { chunkMs: number }): Packager {
  return new TsPackager(options);
}
