import { MediaError, type MediaErrorCode } from "#media";
import type { MeshChunk } from "#mesh";
import type { StreamDescriptor } from "#protocol";
import { type Mp4Event, Mp4Muxer } from "../mp4/mp4-muxer.ts";
import type { PeerLog } from "../peer-log.ts";
import { TsMuxer } from "../ts/ts-muxer.ts";
import { IdleMuxer } from "./idle-muxer.ts";
import type { MediaEvent } from "./media-chunk.ts";
import { MediaLine } from "./media-line.ts";
import { PieceStream } from "./piece-stream.ts";

/** Codecs told of: a publisher may change them all the time. */
const LEFT_OUT_MAX = 16;

/** What the mesh delivers, as the formats players read. */
export class Restreamer {
  readonly ts = new PieceStream(new Uint8Array());
  readonly mp4: PieceStream;
  readonly #line: MediaLine;
  readonly #tsMuxer: TsMuxer;
  readonly #mp4: IdleMuxer<Mp4Event>;
  readonly #log: PeerLog;
  readonly #complaints = new Set<MediaErrorCode>();
  readonly #leftOut = new Set<string>();

  constructor(log: PeerLog) {
    this.#log = log;
    this.#line = new MediaLine(log);
    this.#tsMuxer = new TsMuxer((codec) => this.#sayLeftOut(codec));
    this.#mp4 = new IdleMuxer(
      () => new Mp4Muxer(),
      (event) => this.#writeMp4(event),
    );
    this.mp4 = new PieceStream(undefined, (isWanted) => this.#try(() => this.#mp4.want(isWanted)));
  }

  /** @param tracks Those that come, by their place in the descriptor. Default all. */
  describe(descriptor: StreamDescriptor, tracks?: readonly number[]): void {
    this.#write(this.#line.describe(descriptor, tracks));
  }

  push(chunk: MeshChunk): void {
    this.#write(this.#line.push(chunk));
  }

  /** Time has passed. */
  tick(playheadSourceMs: number): void {
    this.#write(this.#line.tick(playheadSourceMs));
  }

  /** All outputs are complete. */
  end(): void {
    this.ts.end();
    this.mp4.end();
  }

  #write(events: readonly MediaEvent[]): void {
    for (const event of events) {
      this.#try(() => this.#writeTs(event));
      this.#try(() => this.#mp4.push(event));
    }
  }

  #writeTs(event: MediaEvent): void {
    for (const piece of this.#tsMuxer.push(event)) this.ts.push(piece);
  }

  #writeMp4(event: Mp4Event): void {
    if (event.type === "header") this.mp4.restart(event.bytes);
    else this.mp4.push(event.piece);
  }

  #sayLeftOut(codec: string): void {
    if (this.#leftOut.has(codec) || this.#leftOut.size >= LEFT_OUT_MAX) return;
    this.#leftOut.add(codec);
    this.#log.warn(
      {},
      `${codec} cannot be carried in MPEG-TS and is left out there; /stream.mp4 and file:NAME.mp4 have it`,
    );
  }

  /** What a publisher signs need not be media. One bad chunk costs its own time, nothing else. */
  #try(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      if (this.#complaints.has(error.code)) return;
      this.#complaints.add(error.code);
      this.#log.warn({ reason: error.message }, "media left out of the outputs");
    }
  }
}
