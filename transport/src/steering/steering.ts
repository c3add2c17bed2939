import type { MeshStats } from "#mesh";
import type { PeerReport } from "#protocol";
import { type Steer, steerSchema } from "#protocol/steer";
import { type Clock, systemClock } from "../clock.ts";
import type { Viewing } from "../tracker/index.ts";
import { PeerReporter } from "./peer-reporter.ts";

/** What a tracker may do with a peer: no more than these. `MeshPeer` has the first three. */
export type SteeredPeer = {
  tune(options: Record<string, number>): void;
  setAway(isAway: boolean): void;
  stats(): MeshStats | undefined;
};

export type SteeringConfig = {
  peer: SteeredPeer;
  /** Takes the reports: a tracker client. */
  send: (report: PeerReport) => void;
  /** Cumulative. */
  viewing: () => Viewing;
  /** Publishers: the usual length of chunks from now on; undefined is their own again. */
  setChunkMs?: ((chunkMs: number | undefined) => void) | undefined;
  clock?: Clock;
};

/**
 * Does what the tracker's experiments want, within what the schema and the peer allow, until the
 * time that came with it is over. A message that is none is ignored.
 */
export class Steering {
  readonly #config: SteeringConfig;
  readonly #clock: Clock;
  #now: Partial<Steer> = {};
  #reporter: PeerReporter | undefined;
  #cancelEnd: () => void = () => {};
  #cancelReport: () => void = () => {};

  constructor(config: SteeringConfig) {
    this.#config = config;
    this.#clock = config.clock ?? systemClock;
  }

  /** What the tracker said, unchecked. */
  take(message: unknown): void {
    const result = steerSchema.safeParse(message);
    if (!result.success) return;
    const steer = result.data as Steer;
    this.#cancelEnd();
    this.#apply(steer);
    this.#cancelEnd = this.#clock.after(steer.forMs, () => this.#apply({}));
  }

  /** Everything is as it was before. */
  stop(): void {
    this.#cancelEnd();
    this.#apply({});
  }

  #apply(wanted: Partial<Steer>): void {
    const { peer, setChunkMs } = this.#config;
    const before = this.#now;
    this.#now = wanted;
    const options = optionsOf(wanted);
    if (JSON.stringify(options) !== JSON.stringify(optionsOf(before))) peer.tune(options);
    if ((wanted.isAway ?? false) !== (before.isAway ?? false)) {
      peer.setAway(wanted.isAway ?? false);
    }
    if (wanted.chunkMs !== before.chunkMs) setChunkMs?.(wanted.chunkMs);
    if (wanted.reportMs !== before.reportMs) this.#reportEvery(wanted.reportMs);
  }

  #reportEvery(pauseMs: number | undefined): void {
    this.#cancelReport();
    if (pauseMs === undefined) {
      this.#reporter = undefined;
      return;
    }
    this.#cancelReport = this.#clock.after(pauseMs, () => {
      this.#report();
      this.#reportEvery(pauseMs);
    });
    // The first report tells of the time since now.
    this.#reporter ??= this.#newReporter();
  }

  #newReporter(): PeerReporter | undefined {
    const stats = this.#config.peer.stats();
    return stats && new PeerReporter(stats, this.#config.viewing(), this.#clock.nowMs());
  }

  #report(): void {
    const stats = this.#config.peer.stats();
    if (stats === undefined) return;
    const { send, viewing } = this.#config;
    const reporter = this.#reporter ?? this.#newReporter();
    this.#reporter = reporter;
    if (reporter !== undefined) send(reporter.report(stats, viewing(), this.#clock.nowMs()));
  }
}

function optionsOf({ tuning, uploadBps }: Partial<Steer>): Record<string, number> {
  const told = Object.entries(tuning ?? {}).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(told) as Record<string, number>),
    ...(uploadBps !== undefined && { uploadLimitBps: uploadBps }),
  };
}
