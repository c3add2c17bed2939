import type { Block, SignedDescriptor } from "#protocol";
import type { Clock } from "../clock.ts";
import type { FetchFailureReason, OriginJoin } from "../origin/index.ts";
import { DescriptorPoll } from "./descriptor-poll.ts";
import { type FetchedChunk, FetchQueue } from "./fetch-queue.ts";
import { JoinLoop } from "./join-loop.ts";
import type { MeshOrigin } from "./mesh-peer-options.ts";

type WantedChunk = FetchedChunk & { track: number };

type OriginSideConfig = {
  origin: MeshOrigin;
  clock: Clock;
  random: () => number;
  /** The rendition to join with, see {@link OriginClient.join}. */
  video: () => string | undefined;
  /** Whether descriptors have to be asked for, because nobody else tells of new ones. */
  isPollNeeded: () => boolean;
  /** Resolves to whether the join response could be used. */
  onJoined: (join: OriginJoin) => Promise<boolean>;
  onDescriptor: (signed: SignedDescriptor) => void;
  onFetched: (track: number, sequence: number, blocks: readonly Block[]) => void;
  onFetchFailed: (track: number, sequence: number) => void;
  /** What became of a request; undefined when it succeeded. */
  onOutcome: (reason: FetchFailureReason | undefined) => void;
};

/** Everything a viewer asks of the origin: the way in, single chunks, and the descriptor. */
export class OriginSide {
  readonly #origin: MeshOrigin;
  readonly #join: JoinLoop;
  readonly #poll: DescriptorPoll;
  readonly #fetches: FetchQueue<WantedChunk>;

  constructor(config: OriginSideConfig) {
    const { origin, clock, random, video, onOutcome } = config;
    this.#origin = origin;
    this.#join = new JoinLoop({
      origin,
      clock,
      random,
      video,
      onJoined: (join) => {
        onOutcome(undefined);
        return config.onJoined(join);
      },
      onFailed: onOutcome,
    });
    this.#poll = new DescriptorPoll({
      origin,
      clock,
      random,
      isNeeded: config.isPollNeeded,
      onDescriptor: config.onDescriptor,
    });
    this.#fetches = new FetchQueue<WantedChunk>({
      origin,
      onFetched: ({ track, sequence }, blocks) => {
        onOutcome(undefined);
        config.onFetched(track, sequence, blocks);
      },
      onFailed: ({ track, sequence }, reason) => {
        // A chunk that is not there says nothing about the stream.
        if (reason !== "not-found") onOutcome(reason);
        config.onFetchFailed(track, sequence);
      },
    });
  }

  start(): void {
    this.#join.ask();
    this.#poll.start();
  }

  /** Ask for the join response now, unless that is under way. */
  join(): void {
    this.#join.ask();
  }

  /** Go where a descriptor's `origins` say, with the join response first if it is not here yet. */
  follow(origins: readonly string[]): void {
    if (this.#origin.follow?.(origins) === true) this.#join.askElsewhere();
  }

  fetch(chunk: WantedChunk): void {
    this.#fetches.add(chunk);
  }

  close(): void {
    this.#join.close();
    this.#poll.close();
    this.#fetches.close();
  }
}
