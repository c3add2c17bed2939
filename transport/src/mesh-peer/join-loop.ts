import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { FetchFailureReason, OriginClient, OriginJoin } from "../origin/index.ts";

/** First and longest pause between tries, in ms. */
const RETRY_MS = { min: 500, max: 5000 };

type JoinLoopConfig = {
  origin: Pick<OriginClient, "join">;
  /** See {@link OriginClient.join}. */
  video?: () => string | undefined;
  clock: Clock;
  random: () => number;
  /** Resolves to whether it could be used; if not, the loop goes on. */
  onJoined: (join: OriginJoin) => Promise<boolean>;
  onFailed: (reason: FetchFailureReason) => void;
};

/**
 * - `resting`: the last answer was used; whoever wants another says so.
 * - `asking`: a request is under way.
 * - `using`: its answer is being checked.
 * - `pausing`: until the next try.
 */
type JoinPhase = "resting" | "asking" | "using" | "pausing" | "closed";

/** Asks the origin for the join response until there is one, and again whenever told to. */
export class JoinLoop {
  readonly #config: JoinLoopConfig;
  readonly #backoff: Backoff;
  #abort = new AbortController();
  #phase: JoinPhase = "resting";
  #cancelPause: () => void = () => {};

  constructor(config: JoinLoopConfig) {
    this.#config = config;
    const { random } = config;
    this.#backoff = new Backoff({ minMs: RETRY_MS.min, maxMs: RETRY_MS.max, random });
  }

  /** Ask now, unless that is under way. */
  ask(): void {
    if (this.#phase !== "resting" && this.#phase !== "pausing") return;
    this.#cancelPause();
    this.#phase = "asking";
    this.#abort = new AbortController();
    void this.#ask(this.#abort.signal);
  }

  /** The origin is another one now: an answer that is still wanted is asked of that one. */
  askElsewhere(): void {
    if (this.#phase !== "asking" && this.#phase !== "pausing") return;
    this.#abort.abort();
    this.#backoff.reset();
    this.#phase = "pausing";
    this.ask();
  }

  close(): void {
    this.#phase = "closed";
    this.#abort.abort();
    this.#cancelPause();
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { origin, clock, video, onJoined, onFailed } = this.#config;
    const result = await origin.join(signal, video?.());
    if (signal.aborted) return;
    this.#phase = "using";
    const isDone = result.ok && (await onJoined(result));
    if (signal.aborted) return;
    this.#phase = isDone ? "resting" : "pausing";
    if (isDone) {
      this.#backoff.reset();
      return;
    }
    this.#cancelPause = clock.after(this.#backoff.nextMs(), () => this.ask());
    onFailed(result.ok ? "bad-answer" : result.reason);
  }
}
