import { TsPackager } from "../packager/ts-packager.ts";
import type { PackagedTrack, Packager, PackagerEvent } from "../packager.ts";
import type { Ladder } from "./ladder.ts";

type Rung = { packager: TsPackager; isLeftOut: boolean };

/**
 * MPEG-TS with several encodings of one picture in, a video track for each and one for the sound
 * out. Each has a packager of its own that sees the same time stamps, and so makes the same cuts.
 */
export class LadderPackager implements Packager {
  readonly #ladder: Ladder;
  readonly #rungs: readonly Rung[];

  /** @param options.chunkMs Wanted length of a chunk, in ms. */
  constructor(ladder: Ladder, { chunkMs }: { chunkMs: number }) {
    this.#ladder = ladder;
    const count = Math.max(1, ladder.video.length);
    this.#rungs = Array.from({ length: count }, (_, videoPlace) => ({
      packager: new TsPackager({ chunkMs, videoPlace }),
      isLeftOut: false,
    }));
  }

  push(bytes: Uint8Array, wallClockMs: number): PackagerEvent[] {
    return this.#gather((packager) => packager.push(bytes, wallClockMs));
  }

  setChunkMs(chunkMs: number): void {
    for (const { packager } of this.#rungs) packager.setChunkMs(chunkMs);
  }

  discontinuity(): PackagerEvent[] {
    return this.#gather((packager) => packager.discontinuity());
  }

  flush(): PackagerEvent[] {
    return this.#gather((packager) => packager.flush());
  }

  hold(durationMs: number, wallClockMs: number): PackagerEvent[] {
    return this.#gather((packager) => packager.hold(durationMs, wallClockMs));
  }

  #gather(run: (packager: TsPackager) => PackagerEvent[]): PackagerEvent[] {
    return this.#rungs.flatMap((rung, place) =>
      run(rung.packager).flatMap((event) => this.#take(event, rung, place)),
    );
  }

  #take(event: PackagerEvent, rung: Rung, place: number): PackagerEvent[] {
    // What is to be said of the input is the same for all.
    if (event.type === "warning") return place === 0 ? [event] : [];
    const { kind } = event.type === "track" ? event.track : event.chunk;
    // All have the same sound.
    if (kind === "audio") return place === 0 ? [event] : [];
    if (event.type === "chunk") {
      return rung.isLeftOut ? [] : [{ type: "chunk", chunk: { ...event.chunk, rendition: place } }];
    }
    const before = rung.isLeftOut;
    const sourceLines = linesOf(event.track);
    rung.isLeftOut = this.#isEqualledBelow(place, sourceLines);
    const track = { ...event.track, rendition: place };
    if (!rung.isLeftOut) return [{ type: "track", track }];
    return before ? [] : [{ type: "warning", message: this.#leftOut(place, sourceLines) }];
  }

  /** ffmpeg does not scale up: if the rung below is as large, this one only costs more. */
  #isEqualledBelow(place: number, lines: number): boolean {
    const { video } = this.#ladder;
    const below = video[place + 1]?.lines ?? 0;
    return lines < (video[place]?.lines ?? 0) && below >= lines;
  }

  #leftOut(place: number, lines: number): string {
    const name = `${this.#ladder.video[place]?.lines}p`;
    return `the input has ${lines} lines: ${name} is left out, as nothing is scaled up; take it out of --transcode to save its encoding`;
  }
}

/** Of the picture's shorter side, as in `720p`. */
function linesOf({ width = 0, height = 0 }: PackagedTrack): number {
  return Math.min(width, height);
}
