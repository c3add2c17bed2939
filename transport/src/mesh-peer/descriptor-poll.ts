import type { SignedDescriptor } from "#protocol";
import type { Clock } from "../clock.ts";
import type { OriginClient } from "../origin/index.ts";

/** Between two looks, in ms, spread by ±20 %: an encoder's restart is seen within seconds. */
const PAUSE_MS = 4000;

type DescriptorPollConfig = {
  origin: Pick<OriginClient, "descriptor">;
  clock: Clock;
  random: () => number;
  /** Asked each time it is due; while the tracker tells of changes, nothing is polled. */
  isNeeded: () => boolean;
  /** Not verified. */
  onDescriptor: (signed: SignedDescriptor) => void;
};

/** Asks the origin for the descriptor now and then, for peers without a tracker. */
export class DescriptorPoll {
  readonly #config: DescriptorPollConfig;
  readonly #abort = new AbortController();
  #cancel: () => void = () => {};

  constructor(config: DescriptorPollConfig) {
    this.#config = config;
  }

  start(): void {
    const { clock, random } = this.#config;
    this.#cancel();
    this.#cancel = clock.after(PAUSE_MS * (0.8 + 0.4 * random()), () => void this.#look());
  }

  close(): void {
    this.#abort.abort();
    this.#cancel();
  }

  async #look(): Promise<void> {
    const { origin, isNeeded, onDescriptor } = this.#config;
    const result = isNeeded() ? await origin.descriptor(this.#abort.signal) : undefined;
    if (this.#abort.signal.aborted) return;
    if (result?.ok) onDescriptor(result.descriptor);
    this.start();
  }
}
