import { MediaError } from "#media";
import { Interleaver } from "../restream/interleaver.ts";
import type { MediaChunk, MediaEvent, MediaTrack } from "../restream/media-chunk.ts";
import type { Piece } from "../restream/piece.ts";
import { writePes } from "./pes-writer.ts";
import { type ElementaryStream, PAT_PID, PMT_PID, patSection, pmtSection } from "./psi-writer.ts";
import { codecName, type TsCoding, tsCodingOf } from "./ts-coding.ts";
import { TsPacketWriter } from "./ts-packet-writer.ts";

const PIDS = { video: 0x100, audio: 0x101 };
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
  streamId: number;
  parts: readonly Uint8Array[];
};

/** Writes picture and sound as an MPEG transport stream (ISO/IEC 13818-1), for ever. */
export class TsMuxer {
  readonly #onLeftOut: (codec: string) => void;
  readonly #packets = new TsPacketWriter();
  readonly #frames = new Interleaver<Frame>(2, PATIENCE_MS);
  /** Undefined where a transport stream has no place for the codec. */
  readonly #codings = new WeakMap<MediaTrack, TsCoding | undefined>();
  #streams: (ElementaryStream & { kind: MediaTrack["kind"] })[] = [];
  #pmtVersion = -1;
  #tablesAtMs = Number.NEGATIVE_INFINITY;

  /** @param onLeftOut Told of each track that cannot be carried; the others are. */
  constructor(onLeftOut: (codec: string) => void = () => {}) {
    this.#onLeftOut = onLeftOut;
  }

  /** @throws {MediaError} When a chunk cannot be written; the next one may. */
  push(event: MediaEvent): Piece[] {
    if (event.type === "tracks") {
      this.#setTracks(event.tracks);
      return [];
    }
    const { track } = event.chunk;
    const coding = this.#codingOf(track);
    if (coding === undefined) return [];
    const lane = LANES[track.kind];
    return this.#write(
      framesOf(event.chunk, coding).flatMap(({ endMs, ...frame }) =>
        this.#frames.push(lane, { startMs: frame.dtsMs, endMs, item: frame }),
      ),
    );
  }

  #setTracks(tracks: readonly MediaTrack[]): void {
    const streams = tracks.flatMap((track) => {
      const { kind } = track;
      const coding = this.#codingOf(track);
      if (coding === undefined) return [];
      const { streamType, descriptors } = coding;
      return [{ kind, pid: PIDS[kind], streamType, descriptors }];
    });
    if (JSON.stringify(streams) === JSON.stringify(this.#streams)) return;
    this.#streams = streams;
    this.#frames.expect(streams.map(({ kind }) => LANES[kind]));
    this.#pmtVersion++;
    this.#tablesAtMs = Number.NEGATIVE_INFINITY;
  }

  #codingOf(track: MediaTrack): TsCoding | undefined {
    if (!this.#codings.has(track)) {
      const coding = readable(() => tsCodingOf(track.init));
      this.#codings.set(track, coding);
      if (coding === undefined) this.#onLeftOut(codecName(track.init));
    }
    return this.#codings.get(track);
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
    const { kind, dtsMs, ptsMs, streamId, parts } = frame;
    const dtsTicks = ticksOf(dtsMs);
    const pes = writePes({ streamId, ptsTicks: ticksOf(ptsMs), dtsTicks, parts });
    const packets = this.#packets.pes(PIDS[kind], pes, {
      isRandomAccess: isEntry,
      ...(kind === this.#clockKind ? { pcr: dtsTicks - CLOCK_LEAD_MS * TICKS_PER_MS } : {}),
    });
    const areTablesDue = isEntry || dtsMs >= this.#tablesAtMs + TABLES_MS;
    return areTablesDue ? [...this.#tables(dtsMs), packets] : [packets];
  }

  #tables(atMs: number): Uint8Array[] {
    this.#tablesAtMs = atMs;
    const pmt = pmtSection(this.#streams, PIDS[this.#clockKind], this.#pmtVersion);
    return [this.#packets.section(PAT_PID, patSection()), this.#packets.section(PMT_PID, pmt)];
  }

  get #hasVideo(): boolean {
    return this.#streams.some(({ kind }) => kind === "video");
  }

  get #clockKind(): MediaTrack["kind"] {
    return this.#hasVideo ? "video" : "audio";
  }
}

function ticksOf(ms: number): number {
  return (ms + ZERO_MS) * TICKS_PER_MS;
}

function framesOf(
  { track, samples, startMs }: MediaChunk,
  { streamId, parts }: TsCoding,
): (Frame & { endMs: number })[] {
  const { kind, timescale } = track;
  const msOf = (ticks: number) => (ticks * 1000) / timescale;
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
      streamId,
      parts: parts(sample.bytes, sample.isKeyFrame),
    };
  });
}

/** What is signed as media need not be any. */
function readable(read: () => TsCoding | undefined): TsCoding | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
}
