import type { PackagedChunk, PackagedTrack, Packager, PackagerEvent } from "../packager.ts";
import { readAccessUnit } from "./access-unit.ts";
import { AdtsReader } from "./adts.ts";
import { AudioTrack } from "./audio-track.ts";
import type { PesUnit } from "./pes.ts";
import { SourceClock } from "./source-clock.ts";
import { guessFormat } from "./stream-types.ts";
import { TICKS_PER_SEC, type Timed, TimeLine } from "./time-line.ts";
import { type Kind, TsDemuxer } from "./ts-demuxer.ts";
import { VideoTrack } from "./video-track.ts";
import { Warnings } from "./warnings.ts";

/** Without a packet in so many bytes it is no transport stream. */
const NOT_TS_BYTES = 64 * 1024;
/** Without a program table in so many bytes there will be none; it is due every 0.1 to 0.5 s. */
const NO_PROGRAM_BYTES = 4 * 1024 * 1024;

type Frame = Timed & { data: Uint8Array; arrivedAtMs: number };

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

  /** @param chunkMs Wanted length of a chunk, in ms, 20 to 10,000. */
  constructor({ chunkMs }: { chunkMs: number }) {
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
      onKeyless: () =>
        this.#warnings.add(
          "no-key-frame",
          "no key frame yet: make the encoder send one every second or two (ffmpeg: -g 50)",
        ),
    });
    this.#audio = new AudioTrack(out);
    this.#timeLine = new TimeLine<Frame>(
      (frame) => this.#place(frame),
      () => this.#beginEpoch(),
      (kind) =>
        this.#warnings.add("time-jump", `${kind} time stamps jumped; going on without a gap`),
    );
    this.#demuxer = new TsDemuxer(
      this.#warnings,
      (kind, unit) => this.#take(kind, unit),
      (kinds) => {
        this.#hasProgram = true;
        this.#timeLine.expect(kinds);
      },
    );
  }

  push(bytes: Uint8Array, wallClockMs: number): PackagerEvent[] {
    this.#warnings.setNow(wallClockMs);
    if (this.#bytesSeen < 16) {
      this.#firstBytes = Uint8Array.of(...this.#firstBytes, ...bytes.subarray(0, 16));
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
    const { dts, pts, nextDts, data, arrivedAtMs } = unit;
    this.#timeLine.push({ kind, dts, pts, nextDts, data, arrivedAtMs });
  }

  #place(frame: Frame): void {
    this.#clock.note(frame.arrivedAtMs, (frame.dts * 1000) / TICKS_PER_SEC);
    if (frame.kind === "video") this.#placeVideo(frame);
    else this.#placeAudio(frame);
  }

  #placeVideo(frame: Frame): void {
    const unit = readAccessUnit(frame.data);
    if (unit === undefined) return;
    const sourceTimeMs = () => this.#clock.sourceTimeMs((frame.dts * 1000) / TICKS_PER_SEC);
    const end = this.#video.push(unit, frame, sourceTimeMs);
    if (end !== undefined) this.#timeLine.reached("video", end);
  }

  #placeAudio(frame: Frame): void {
    const { frames, isFirstCarried } = this.#adts.push(frame.data);
    const stampedIndex = isFirstCarried ? 1 : 0;
    for (const [index, aac] of frames.entries()) {
      const ticks = index === stampedIndex ? frame.pts : undefined;
      const sourceTimeMs = (mediaTimeMs: number) => this.#clock.sourceTimeMs(mediaTimeMs);
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

/** The packager for `media` in MPEG-TS. */
export function createTsPackager(options: { chunkMs: number }): Packager {
  return new TsPackager(options);
}
