import { ID3_SCHEME, SCTE35_SCHEME } from "#media";
import type { MediaPacket } from "../container/media-packet.ts";
import { PacketFrames } from "../container/packet-frames.ts";
import type { Packager, PackagerEvent } from "../packager.ts";
import { FramePackager } from "./frame-packager.ts";
import { isLayer2 } from "./mp3.ts";
import type { PesUnit } from "./pes.ts";
import { readSplice } from "./splice-info.ts";
import { type Carried, GUESS_BYTES, guessFormat } from "./stream-types.ts";
import { type DemuxedEvent, TsDemuxer } from "./ts-demuxer.ts";
import { UnitReaders } from "./unit-readers.ts";
import { Warnings } from "./warnings.ts";

/** Without a packet in so many bytes it is no transport stream. */
const NOT_TS_BYTES = 64 * 1024;
/** Without a program table in so many bytes there will be none; it is due every 0.1 to 0.5 s. */
const NO_PROGRAM_BYTES = 4 * 1024 * 1024;

/**
 * MPEG-TS in, or packets of another container, chunks of separate video and audio tracks out. Pure: the wall clock comes with the
 * bytes. docs/design/packager.md says how times are made and what is dropped when.
 */
export class TsPackager implements Packager {
  readonly #warnings = new Warnings();
  readonly #demuxer: TsDemuxer;
  readonly #readers = new UnitReaders();
  readonly #packetFrames = new PacketFrames();
  readonly #frames: FramePackager;
  #events: PackagerEvent[] = [];
  #firstBytes = new Uint8Array(0);
  /** Bytes since the encoder connected. */
  #bytesSeen = 0;
  #hasProgram = false;

  /**
   * @param chunkMs Wanted length of a chunk, in ms, 20 to 10,000.
   * @param videoPlace Which of several videos is packaged, from 0. Default the first.
   */
  constructor({ chunkMs, videoPlace = 0 }: { chunkMs: number; videoPlace?: number }) {
    this.#frames = new FramePackager({
      chunkMs,
      warnings: this.#warnings,
      onEvent: (event) => this.#events.push(event),
    });
    this.#demuxer = new TsDemuxer(
      this.#warnings,
      (carried, unit) => this.#take(carried, unit),
      (kinds) => {
        this.#hasProgram = true;
        this.#frames.expect(kinds);
      },
      (event) => this.#takeEvent(event),
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

  pushPacket(packet: MediaPacket, wallClockMs: number): PackagerEvent[] {
    this.#warnings.setNow(wallClockMs);
    this.#frames.expect(packet.kinds);
    const { ptsTicks: pts, dtsTicks: dts, data } = packet;
    const times = { pts, dts, arrivedAtMs: wallClockMs, sizeBytes: data.length };
    const timed = { ...times, nextDts: undefined };
    if (packet.kind === "video") {
      const frame = this.#packetFrames.video(packet);
      const isEntry = frame?.isKeyFrame === true;
      if (frame !== undefined) this.#frames.push({ ...timed, kind: "video", isEntry, frame });
    } else {
      const frame = this.#packetFrames.audio(packet);
      const audio = { kind: "audio", isEntry: true, stampedIndex: 0 } as const;
      if (frame !== undefined) this.#frames.push({ ...timed, ...audio, frames: [frame] });
    }
    return this.#takeEvents();
  }

  setChunkMs(chunkMs: number): void {
    this.#frames.setChunkMs(chunkMs);
  }

  discontinuity(): PackagerEvent[] {
    this.#endUnits();
    this.#frames.discontinuity();
    this.#demuxer.reset();
    this.#warnings.reset();
    this.#firstBytes = new Uint8Array(0);
    this.#bytesSeen = 0;
    this.#hasProgram = false;
    return this.#takeEvents();
  }

  flush(): PackagerEvent[] {
    this.#endUnits();
    this.#frames.flush();
    return this.#takeEvents();
  }

  hold(durationMs: number, wallClockMs: number): PackagerEvent[] {
    this.#warnings.setNow(wallClockMs);
    this.#frames.hold(durationMs, wallClockMs);
    return this.#takeEvents();
  }

  #endUnits(): void {
    if (!this.#demuxer.hasPackets && this.#bytesSeen > 0) this.#warnNotTs();
    this.#demuxer.flush();
    this.#readers.reset();
  }

  #take(carried: Carried, unit: PesUnit): void {
    if (unit.isDamaged) {
      this.#warnings.add("damaged", `a damaged ${carried.kind} unit was dropped`);
      if (carried.kind === "audio") this.#readers.reset();
    } else if (carried.kind === "video") this.#takeVideo(carried, unit);
    else this.#takeAudio(carried, unit);
  }

  /** Pictures without a time stamp of their own are not supported: nothing tells their order. */
  #takeVideo(carried: Carried, pes: PesUnit): void {
    const frame = pes.isStamped ? this.#readers.video(carried).read(pes.data) : undefined;
    if (frame === undefined) return;
    this.#frames.push({ ...timesOf(pes), kind: "video", isEntry: frame.isKeyFrame, frame });
  }

  #takeAudio(carried: Carried, pes: PesUnit): void {
    const { frames, isFirstCarried } = this.#readers.audio(carried).push(pes.data);
    if (carried.codec === "mp3" && frames.length === 0 && isLayer2(pes.data)) {
      this.#warnings.add(
        "unsupported-codec",
        "the sound is MP2 (MPEG audio layer II), which browsers do not play: send AAC (ffmpeg: -c:a aac)",
      );
    }
    const stampedIndex = pes.isStamped ? (isFirstCarried ? 1 : 0) : undefined;
    this.#frames.push({ ...timesOf(pes), kind: "audio", isEntry: true, frames, stampedIndex });
  }

  #takeEvent(event: DemuxedEvent): void {
    if (event.kind === "id3") {
      const { data, ptsTicks } = event;
      this.#frames.addEvent({ scheme: ID3_SCHEME, data, ptsTicks, durationTicks: undefined });
      return;
    }
    const splice = readSplice(event.section);
    if (splice === undefined) return;
    const { ptsTicks, durationTicks } = splice;
    this.#frames.addEvent({ scheme: SCTE35_SCHEME, data: event.section, ptsTicks, durationTicks });
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
