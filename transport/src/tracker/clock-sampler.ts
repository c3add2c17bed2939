import type { Clock } from "../clock.ts";
import { ClockEstimate } from "./clock-estimate.ts";

/** Samples taken soon after connecting, and the pauses between those and between later ones, in ms. */
const FIRST_SAMPLES = 4;
const FIRST_PAUSE_MS = 250;
const LATER_PAUSE_MS = 30_000;

type ClockSamplerConfig = {
  clock: Clock;
  /** Ask the server for its time; undefined when it did not answer. */
  ask: () => Promise<number | undefined>;
  /** The estimate has changed: server time is `clock.nowMs()` plus this. */
  onOffset: (offsetMs: number) => void;
};

/** Asks for the time while it is running, and keeps the best estimate. */
export class ClockSampler {
  readonly #config: ClockSamplerConfig;
  readonly #estimate = new ClockEstimate();
  #run = 0;
  #cancel: () => void = () => {};

  constructor(config: ClockSamplerConfig) {
    this.#config = config;
  }

  get offsetMs(): number | undefined {
    return this.#estimate.offsetMs;
  }

  /** Begins anew: behind a load balancer this may be another server, with another clock. */
  start(): void {
    this.stop();
    this.#estimate.clear();
    this.#schedule(this.#run, 1);
  }

  stop(): void {
    this.#run++;
    this.#cancel();
  }

  /** A time that came along with another answer. */
  learn(askedAtMs: number, serverTimeMs: number): void {
    const before = this.#estimate.offsetMs;
    this.#estimate.add({ askedAtMs, answeredAtMs: this.#config.clock.nowMs(), serverTimeMs });
    const offsetMs = this.#estimate.offsetMs;
    if (offsetMs !== undefined && offsetMs !== before) this.#config.onOffset(offsetMs);
  }

  #schedule(run: number, count: number): void {
    const pauseMs = count <= FIRST_SAMPLES ? FIRST_PAUSE_MS : LATER_PAUSE_MS;
    this.#cancel = this.#config.clock.after(pauseMs, async () => {
      const askedAtMs = this.#config.clock.nowMs();
      const serverTimeMs = await this.#config.ask();
      if (run !== this.#run) return;
      if (serverTimeMs !== undefined) this.learn(askedAtMs, serverTimeMs);
      this.#schedule(run, count + 1);
    });
  }
}
