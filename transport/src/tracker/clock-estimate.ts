/** One question for the time: when it left, when the answer came, and what it said. */
export type ClockSample = { askedAtMs: number; answeredAtMs: number; serverTimeMs: number };

/**
 * Samples a result rests on. Old ones go, because clocks drift: 50 ppm, a bad but usual crystal,
 * are 3 ms a minute.
 */
const SAMPLES_MAX = 8;

/**
 * How far the server's clock is ahead of the local monotonic one. Of several samples the one with
 * the least round trip counts, because its error is bounded by half of that (Cristian, 1989).
 */
export class ClockEstimate {
  #samples: { offsetMs: number; roundTripMs: number }[] = [];

  add({ askedAtMs, answeredAtMs, serverTimeMs }: ClockSample): void {
    const roundTripMs = Math.max(0, answeredAtMs - askedAtMs);
    const offsetMs = serverTimeMs + roundTripMs / 2 - answeredAtMs;
    this.#samples.push({ offsetMs, roundTripMs });
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
  }

  /** Server time is local monotonic time plus this, in ms. Undefined before the first sample. */
  get offsetMs(): number | undefined {
    return this.#best()?.offsetMs;
  }

  /** The most {@link offsetMs} can be off, in ms, if both ways take any share of the round trip. */
  get errorMs(): number {
    return (this.#best()?.roundTripMs ?? Number.POSITIVE_INFINITY) / 2;
  }

  /** The server may be another one now, with another clock. */
  clear(): void {
    this.#samples = [];
  }

  #best() {
    return this.#samples.reduce<{ offsetMs: number; roundTripMs: number } | undefined>(
      (best, sample) =>
        best === undefined || sample.roundTripMs < best.roundTripMs ? sample : best,
      undefined,
    );
  }
}
