import { type TrackConfig, writeInitSegment } from "#media";
import { ChunkCutter, type EncodedFrame } from "./chunk-cutter.ts";
import type { TrackKind } from "./outlet.ts";
import { codingOf, type DecoderFacts } from "./track-coding.ts";

/** Short, for the ingest cuts anew: what is added to the latency on the way there. */
const FRAGMENT_MS = 100;
const TIMESCALES = { video: 90_000, audio: 48_000 };
/** How long a track may keep the others waiting that has not brought a key frame yet. */
const PATIENCE_US = 2_000_000;

type Held = { kind: TrackKind; frame: EncodedFrame };
export type Fragment = {
  bytes: Uint8Array;
  /** A decoder can begin here: the header, or a fragment that begins with a picture of its own. */
  isStart: boolean;
};

/** One live broadcast as MP4 in fragments: the header, then fragments of any track as they are full. */
export class LiveMp4 {
  readonly #kinds: readonly TrackKind[];
  readonly #configs = new Map<TrackKind, TrackConfig>();
  readonly #cutters = new Map<TrackKind, ChunkCutter>();
  #held: Held[] = [];
  #sequence = 0;

  /** @param kinds The tracks to expect, at least one. */
  constructor(kinds: readonly TrackKind[]) {
    this.#kinds = kinds;
  }

  /** @returns What is to be sent now, in this order. */
  add(kind: TrackKind, frame: EncodedFrame, facts: DecoderFacts): Fragment[] {
    if (this.#cutters.size > 0) return this.#cut({ kind, frame });
    if (frame.isKeyFrame && !this.#configs.has(kind)) {
      this.#configs.set(kind, { timescale: TIMESCALES[kind], ...codingOf(facts, frame.bytes) });
    }
    if (!this.#configs.has(kind)) return [];
    this.#held.push({ kind, frame });
    const firstUs = this.#held[0]?.frame.timestampUs ?? frame.timestampUs;
    const isComplete = this.#kinds.every((each) => this.#configs.has(each));
    if (!isComplete && frame.timestampUs - firstUs < PATIENCE_US) return [];
    return [this.#begin(), ...this.#held.splice(0).flatMap((each) => this.#cut(each))];
  }

  #begin(): Fragment {
    for (const [at, kind] of [...this.#configs.keys()].entries()) {
      this.#cutters.set(
        kind,
        new ChunkCutter({
          timescale: TIMESCALES[kind],
          chunkMs: FRAGMENT_MS,
          trackId: at + 1,
          nextSequence: () => this.#sequence++,
        }),
      );
    }
    const [first, ...more] = this.#configs.values();
    if (first === undefined) throw new Error("a movie has at least one track");
    return { bytes: writeInitSegment(first, ...more), isStart: true };
  }

  #cut({ kind, frame }: Held): Fragment[] {
    const cut = this.#cutters.get(kind)?.add(frame);
    if (cut === undefined) return [];
    const hasPicture = this.#cutters.has("video");
    return [{ bytes: cut.bytes, isStart: cut.isIndependent && (kind === "video" || !hasPicture) }];
  }
}
