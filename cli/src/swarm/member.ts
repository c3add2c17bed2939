/** Sums since a member started; bytes are those of blocks. */
export type Figures = {
  fromPeers: number;
  fromSeeder: number;
  fromOrigin: number;
  uploaded: number;
  /** Chunks or integers that never came, or not in order. */
  gaps: number;
  /** Chunks of `test://integers` that came before the check began: no gap, but told. */
  leftOutAtStart: number;
};

export const NO_FIGURES: Figures = {
  fromPeers: 0,
  fromSeeder: 0,
  fromOrigin: 0,
  uploaded: 0,
  gaps: 0,
  leftOutAtStart: 0,
};

export function addFigures(a: Figures, b: Figures): Figures {
  return {
    fromPeers: a.fromPeers + b.fromPeers,
    fromSeeder: a.fromSeeder + b.fromSeeder,
    fromOrigin: a.fromOrigin + b.fromOrigin,
    uploaded: a.uploaded + b.uploaded,
    gaps: a.gaps + b.gaps,
    leftOutAtStart: a.leftOutAtStart + b.leftOutAtStart,
  };
}

export function receivedBytes({ fromPeers, fromSeeder, fromOrigin }: Figures): number {
  return fromPeers + fromSeeder + fromOrigin;
}

/** What a member says of itself, once a second. */
export type Report = { figures: Figures; neighbors: number; latencyMs: number | undefined };

export const NO_REPORT: Report = { figures: NO_FIGURES, neighbors: 0, latencyMs: undefined };

export type MemberState = "starting" | "running" | "stopped" | "died";

/** A peer or a browser tab, as the table shows it. Replacements after a kill are in the sums. */
export type Member = {
  name: string;
  state: MemberState;
  figures: Figures;
  neighbors: number;
  latency: Latency;
  kills: number;
  /** Why it is to be looked at, in one line. */
  problem: string | undefined;
};

/** In ms; undefined before the first sample. */
export type Latency = {
  now: number | undefined;
  mean: number | undefined;
  max: number | undefined;
};

/** Keeps of many samples only what is shown. */
export class LatencyMeter {
  #count = 0;
  #sumMs = 0;
  #maxMs: number | undefined;
  #nowMs: number | undefined;

  add(latencyMs: number | undefined): void {
    this.#nowMs = latencyMs;
    if (latencyMs === undefined) return;
    this.#count++;
    this.#sumMs += latencyMs;
    this.#maxMs = Math.max(this.#maxMs ?? latencyMs, latencyMs);
  }

  get latency(): Latency {
    const mean = this.#count === 0 ? undefined : this.#sumMs / this.#count;
    return { now: this.#nowMs, mean, max: this.#maxMs };
  }
}
