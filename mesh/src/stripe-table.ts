import { type Block, type StreamDescriptor, stripeOfBlock, UNKNOWN_LAG_MS } from "#protocol";

/** A stripe of a track, with its place in the flat list that `have` messages use. */
export type Stripe = { readonly id: number; readonly track: number; readonly stripe: number };

/** Weight of a new lag sample. Default 0.1: ten blocks, about four seconds of a stripe. */
const LAG_GAIN = 0.1;
/** How wrong a new parent's promise may be at first, in ms. */
const START_DEVIATION_MS = 80;

/** All stripes of the stream, and how far behind the source each reaches us. */
export class StripeTable {
  readonly stripes: Stripe[] = [];
  readonly #ofTrack: Stripe[][] = [];
  readonly #lags: LagMeter[] = [];
  readonly #bytes: RateMeter[] = [];
  readonly #nominalBps: number[] = [];
  #taken: ReadonlySet<number> | undefined;
  /** Made anew when they change. */
  #takenTracks: readonly number[] = [];
  #takenStripes: readonly Stripe[] = [];
  chunkMs = 0;

  /** Take in tracks that were added since; existing stripes keep their ids. */
  update(descriptor: StreamDescriptor): void {
    this.chunkMs = descriptor.chunkMs;
    descriptor.tracks.forEach((track, trackIndex) => {
      this.#nominalBps[trackIndex] = track.bitrateBps;
      if (this.#ofTrack[trackIndex] !== undefined) return;
      this.#bytes[trackIndex] = new RateMeter();
      this.#ofTrack[trackIndex] = Array.from({ length: track.stripes }, (_, stripe) => {
        const entry: Stripe = { id: this.stripes.length, track: trackIndex, stripe };
        this.stripes.push(entry);
        this.#lags.push(new LagMeter());
        return entry;
      });
    });
    this.#lookTaken();
  }

  /** Take part in these tracks only, by their place in the descriptor. Before the first call: in all. */
  take(tracks: readonly number[]): void {
    this.#taken = new Set(tracks);
    this.#lookTaken();
  }

  isTaken(track: number): boolean {
    return this.#taken === undefined || this.#taken.has(track);
  }

  /** The stripes of the tracks that are taken. */
  get taken(): readonly Stripe[] {
    return this.#takenStripes;
  }

  /** The tracks that are taken, by their place in the descriptor. */
  tracks(): readonly number[] {
    return this.#takenTracks;
  }

  get(track: number, stripe: number): Stripe | undefined {
    return this.#ofTrack[track]?.[stripe];
  }

  /** Into how many stripes a track is cut. */
  countOf(track: number): number {
    return this.#ofTrack[track]?.length ?? 1;
  }

  ofBlock(block: Pick<Block, "track" | "sequence" | "index">): Stripe | undefined {
    const stripes = this.#ofTrack[block.track];
    return stripes?.[stripeOfBlock(block, stripes.length)];
  }

  /** A block was pushed to us in time. @param sourceNowMs Source clock now. */
  noteArrival(block: Block, sourceNowMs: number): void {
    const stripe = this.ofBlock(block);
    if (stripe === undefined) return;
    this.#lags[stripe.id]?.note(Math.max(0, sourceNowMs - block.sourceTimeMs));
  }

  /** Another parent: what its predecessor's blocks took no longer tells. */
  expectLag(stripe: Stripe, lagMs: number): void {
    this.#lags[stripe.id]?.startAt(lagMs);
  }

  /** A block reached us, whichever way, for the first time. @returns Whether rates are others now. */
  noteBytes(block: Block): boolean {
    const meter = this.#bytes[block.track];
    return meter?.note(block.bytes.length, block.sourceTimeMs, block.durationMs) === true;
  }

  /** Usual lag of a stripe in ms, undefined before its first block. */
  lagMs(stripe: Stripe): number | undefined {
    return this.#lags[stripe.id]?.meanMs;
  }

  /** Lag by which nearly every block of the stripe has come. */
  latestUsualLagMs(stripe: Stripe): number | undefined {
    const meter = this.#lags[stripe.id];
    return meter?.meanMs === undefined ? undefined : meter.meanMs + 3 * meter.deviationMs;
  }

  /** @param pushDelayMs What we add before a block leaves us: a child has to reckon with it. */
  advertisedLags(isFed: (stripe: Stripe) => boolean, pushDelayMs: number): number[] {
    return this.stripes.map((stripe) => {
      const lagMs = isFed(stripe) ? this.lagMs(stripe) : undefined;
      return lagMs === undefined
        ? UNKNOWN_LAG_MS
        : Math.min(Math.round(lagMs + pushDelayMs), UNKNOWN_LAG_MS - 1);
    });
  }

  /** What one stripe of the track takes on the wire, in bit/s. */
  stripeRateBps(track: number): number {
    const stripes = this.#ofTrack[track]?.length ?? 1;
    return (this.#bytes[track]?.bps || this.#nominalBps[track] || 500_000) / stripes;
  }

  /** What a chunk of the track takes on the wire, in bytes, on average. */
  chunkBytes(track: number): number {
    const stripes = this.#ofTrack[track]?.length ?? 1;
    return (this.stripeRateBps(track) * stripes * (this.chunkMs / 1000)) / 8;
  }

  /** Rate of all that is taken, in bit/s. */
  streamRateBps(): number {
    return this.#ofTrack.reduce(
      (sum, stripes, track) =>
        this.isTaken(track) ? sum + this.stripeRateBps(track) * stripes.length : sum,
      0,
    );
  }

  #lookTaken(): void {
    this.#takenTracks = [...this.#ofTrack.keys()].filter((track) => this.isTaken(track));
    this.#takenStripes = this.stripes.filter(({ track }) => this.isTaken(track));
  }
}

/** Mean and mean deviation by exponential averages, as in RFC 6298 for round trips. */
class LagMeter {
  meanMs: number | undefined;
  deviationMs = 0;

  startAt(lagMs: number): void {
    this.meanMs = lagMs;
    this.deviationMs = START_DEVIATION_MS;
  }

  note(lagMs: number): void {
    if (this.meanMs === undefined) {
      this.meanMs = lagMs;
      return;
    }
    this.deviationMs += LAG_GAIN * (Math.abs(lagMs - this.meanMs) - this.deviationMs);
    this.meanMs += LAG_GAIN * (lagMs - this.meanMs);
  }
}

/** Bytes per media time over the last few seconds. */
class RateMeter {
  bps = 0;
  #bytes = 0;
  #sinceMs: number | undefined;

  /** @returns Whether `bps` is another now. */
  note(bytes: number, sourceTimeMs: number, durationMs: number): boolean {
    if (sourceTimeMs < (this.#sinceMs ?? 0)) return false;
    this.#sinceMs ??= sourceTimeMs;
    const spanMs = sourceTimeMs + durationMs - this.#sinceMs;
    const isMeasured = spanMs > 4000;
    if (isMeasured) {
      this.bps = (this.#bytes * 8000) / (spanMs - durationMs);
      this.#bytes = 0;
      this.#sinceMs = sourceTimeMs;
    }
    this.#bytes += bytes;
    return isMeasured;
  }
}

/** A stripe as messages name it. */
export function wireStripe(stripe: Stripe): { track: number; stripe: number } {
  return { track: stripe.track, stripe: stripe.stripe };
}
