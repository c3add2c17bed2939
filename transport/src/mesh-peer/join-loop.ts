import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { FetchFailureReason, OriginClient, OriginJoin } from "../origin/index.ts";

/** First and longest pause between tries, in ms. */
const RETRY_MS = { min: 500, max: 5000 };

type JoinLoopConfig = {
  origin: Pick<OriginClient, "join">;
  clock: Clock;
  random: () => number;
  /** Resolves to whether it could be used; if not, the loop goes on. */
  onJoined: (join: OriginJoin) => Promise<boolean>;
  onFailed: (reason: FetchFailureReason) => void;
};

/** Asks the origin for the join response until there is one, and again whenever told to. */
export class JoinLoop {
  readonly #config: JoinLoopConfig;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  #isAsking = false;
  #cancelPause: () => void = () => {};

  constructor(config: JoinLoopConfig) {
    this.#config = config;
    const { random } = config;
    this.#backoff = new Backoff({ minMs: RETRY_MS.min, maxMs: RETRY_MS.max, random });
  }

  /** Ask now, unless that is under way. */
  ask(): void {
    if (this.#isAsking || this.#abort.signal.aborted) return;
    this.#cancelPause();
    this.#isAsking = true;
    void this.#ask();
  }

  close(): void {
    this.#abort.abort();
    this.#cancelPause();
  }

  async #ask(): Promise<void> {
    const { origin, clock, onJoined, onFailed } = this.#config;
    const result = await origin.join(this.#abort.signal);
    if (this.#abort.signal.aborted) return;
    const isDone = result.ok && (await onJoined(result));
    this.#isAsking = false;
    if (this.#abort.signal.aborted) return;
    if (isDone) {
      this.#backoff.reset();
      return;
    }
    onFailed(result.ok ? "bad-answer" : result.reason);
    this.#cancelPause = clock.after(this.#backoff.nextMs(), () => this.ask());
  }
}
