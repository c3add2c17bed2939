import type { Clock } from "../clock.ts";

/** Pause before the next try when the tracker did not renew, in ms; also the shortest life that
 * makes sense, twice. */
const RETRY_MS = 15_000;

/** Asks for a new record when half of the old one's life is over: the other half is what a swarm
 * has when the tracker goes away. */
export class MembershipRenewal {
  readonly #clock: Clock;
  readonly #renew: () => void;
  #cancel: () => void = () => {};

  constructor(clock: Clock, renew: () => void) {
    this.#clock = clock;
    this.#renew = renew;
  }

  /** @param lifeMs How long the new record is good. */
  renewed(lifeMs: number): void {
    this.#schedule(Math.max(lifeMs / 2, RETRY_MS));
  }

  stop(): void {
    this.#cancel();
  }

  #schedule(pauseMs: number): void {
    this.#cancel();
    this.#cancel = this.#clock.after(pauseMs, () => {
      this.#schedule(RETRY_MS);
      this.#renew();
    });
  }
}
