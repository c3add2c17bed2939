import { MediaError } from "#media";
import { Interleaver } from "../restream/interleaver.ts";
import type { MediaChunk, MediaEvent, MediaTrack } from "../restream/media-chunk.ts";
import type { Piece } from "../restream/piece.ts";
import { adtsHeader, readAdtsConfig } from "./adts.ts";
import { readAvcConfig, toAnnexB } from "./annex-b.ts";
import { AUDIO_STREAM_ID, VIDEO_STREAM_ID, writePes } from "./pes-writer.ts";
import { PAT_PID, PMT_PID, patSection, pmtSection } from "./psi-writer.ts";
import { TsPacketWriter } from "./ts-packet-writer.ts";

const PIDS = { video: 0x100, audio: 0x101 };
const STREAM_TYPES = { video: 0x1b, audio: 0x0f };
const LANES = { video: 0, audio: 1 };
const TICKS_PER_MS = 90;

/** Where the output's 0 is in time stamps, in ms: room for what is presented before it. */
const ZERO_MS = 1000;
/** How far the clock reference is behind decoding, in ms: a chunk, which comes all at once. */
const CLOCK_LEAD_MS = 200;
/** A track that stays away is not waited for longer than this, in ms of media. */
const PATIENCE_MS = 1000;
/** Tables come again at least this often, in ms of media, for receivers that tune in. */
const TABLES_MS = 400;

type Frame = {
  kind: MediaTrack["kind"];
  dtsMs: number;
  ptsMs: number;
  isKeyFrame: boolean;
  parts: readonly Uint8Array[];
};

/** Writes H.264 and AAC as an MPEG transport stream (ISO/IEC 13818-1), for ever. */
export class TsMuxer {
  readonly #packets = new TsPacketWriter();
  readonly #frames = new Interleaver<Frame>(2, PATIENCE_MS);
  #kinds: MediaTrack["kind"][] = [];
  #pmtVersion = -1;
  #tablesAtMs = Number.NEGATIVE_INFINITY;

  /** @throws {MediaError} When a chunk cannot be written; the next one may. */
  push(event: MediaEvent): Piece[] {
    if (event.type === "tracks") {
      this.#setTracks(event.tracks);
      return [];
    }
    const lane = LANES[event.chunk.track.kind];
    return this.#write(
      framesOf(event.chunk).flatMap(({ endMs, ...frame }) =>
        this.#frames.push(lane, { startMs: frame.dtsMs, endMs, item: frame }),
      ),
    );
  }

  #setTracks(tracks: readonly MediaTrack[]): void {
    const kinds = tracks.map(({ kind }) => kind);
    if (kinds.join() === this.#kinds.join()) return;
    this.#kinds = kinds;
    this.#pmtVersion++;
    this.#tablesAtMs = Number.NEGATIVE_INFINITY;
  }

  /** One piece from each point of entry to the next. */
  #write(frames: readonly Frame[]): Piece[] {
    const pieces: { isEntry: boolean; startMs: number; packets: Uint8Array[] }[] = [];
    for (const frame of frames) {
      const isEntry = this.#isEntry(frame);
      if (isEntry || pieces.length === 0) {
        pieces.push({ isEntry, startMs: frame.dtsMs, packets: [] });
      }
      pieces.at(-1)?.packets.push(...this.#packetsOf(frame, isEntry));
    }
    return pieces.map(({ packets, ...piece }) => ({ ...piece, bytes: Buffer.concat(packets) }));
  }

  #isEntry({ kind, isKeyFrame, dtsMs }: Frame): boolean {
    if (this.#hasVideo) return kind === "video" && isKeyFrame;
    return dtsMs >= this.#tablesAtMs + TABLES_MS;
  }

  #packetsOf(frame: Frame, isEntry: boolean): Uint8Array[] {
    const { kind, dtsMs, ptsMs, parts } = frame;
    const dtsTicks = ticksOf(dtsMs);
    const pes = writePes({
      streamId: kind === "video" ? VIDEO_STREAM_ID : AUDIO_STREAM_ID,
      ptsTicks: ticksOf(ptsMs),
      dtsTicks,
      parts,
    });
    const packets = this.#packets.pes(PIDS[kind], pes, {
      isRandomAccess: isEntry,
      ...(kind === this.#clockKind ? { pcr: dtsTicks - CLOCK_LEAD_MS * TICKS_PER_MS } : {}),
    });
    const areTablesDue = isEntry || dtsMs >= this.#tablesAtMs + TABLES_MS;
    return areTablesDue ? [...this.#tables(dtsMs), packets] : [packets];
  }

  #tables(atMs: number): Uint8Array[] {
    this.#tablesAtMs = atMs;
    const streams = this.#kinds.map((kind) => ({
      pid: PIDS[kind],
      streamType: STREAM_TYPES[kind],
    }));
    const pmt = pmtSection(streams, PIDS[this.#clockKind], this.#pmtVersion);
    return [this.#packets.section(PAT_PID, patSection()), this.#packets.section(PMT_PID, pmt)];
  }

  get #hasVideo(): boolean {
    return this.#kinds.includes("video");
  }

  get #clockKind(): MediaTrack["kind"] {
    return this.#hasVideo ? "video" : "audio";
  }
}

function ticksOf(ms: number): number {
  return (ms + ZERO_MS) * TICKS_PER_MS;
}

function framesOf({ track, samples, startMs }: MediaChunk): (Frame & { endMs: number })[] {
  const { kind, timescale } = track;
  const msOf = (ticks: number) => (ticks * 1000) / timescale;
  const wrap = kind === "video" ? videoParts(track) : audioParts(track);
  let ticks = 0;
  return samples.map((sample) => {
    const dtsMs = startMs + msOf(ticks);
    ticks += sample.durationTicks;
    return {
      kind,
      dtsMs,
      endMs: startMs + msOf(ticks),
      ptsMs: dtsMs + msOf(sample.compositionOffsetTicks),
      isKeyFrame: sample.isKeyFrame,
      parts: wrap(sample.bytes, sample.isKeyFrame),
    };
  });
}

function videoParts({ init }: MediaTrack) {
  const avc = readAvcConfig(init);
  return (sample: Uint8Array, isKeyFrame: boolean) => toAnnexB(sample, isKeyFrame, avc);
}

/** Longest AAC frame that the 13 bits of an ADTS header can state, in bytes. */
const AAC_FRAME_BYTES_MAX = 8184;

function audioParts({ init }: MediaTrack) {
  const adts = readAdtsConfig(init);
  return (frame: Uint8Array) => {
    if (frame.length > AAC_FRAME_BYTES_MAX) {
      throw new MediaError("unsupported", `an AAC frame of ${frame.length} bytes`);
    }
    return [adtsHeader(adts, frame.length), frame];
  };
}
