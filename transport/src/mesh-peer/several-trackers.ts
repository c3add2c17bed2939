import type { PeerId, PeerRecord, Signal } from "#protocol";
import type { Membership, TrackerHandlers, TrackerState } from "../tracker/index.ts";
import type { MeshTracker } from "./mesh-peer-options.ts";

/** Peers of whom it is remembered which tracker told of them; the oldest is forgotten. */
const TOLD_OF_MAX = 1000;

/** From the best, for all of them together. */
const STATES: readonly TrackerState[] = ["online", "waiting-for-stream", "connecting", "offline"];

/**
 * Several trackers as one: a stream's own and peers that introduce others. Whom any of them knows,
 * the mesh gets to know; negotiation goes through whoever told of the peer. In what only one can
 * say, the clock and who we are a member for, the first that says something has the word.
 */
export class SeveralTrackers implements MeshTracker {
  /** The best first. */
  readonly #trackers: readonly MeshTracker[];
  /** Serves others: that it is there says nothing about whether anybody else is. */
  readonly #ours: MeshTracker | undefined;
  readonly #toldBy = new Map<PeerId, MeshTracker>();
  /** Places of who has the word, from 0. */
  readonly #word = { membership: Number.POSITIVE_INFINITY, clock: Number.POSITIVE_INFINITY };

  constructor(trackers: readonly MeshTracker[], ours?: MeshTracker) {
    this.#trackers = trackers;
    this.#ours = ours;
  }

  get state(): TrackerState {
    const states = this.#trackers.map(({ state }) => state);
    return STATES.find((state) => states.includes(state)) ?? "offline";
  }

  get clockOffsetMs(): number | undefined {
    return firstDefined(this.#trackers, ({ clockOffsetMs }) => clockOffsetMs);
  }

  get membership(): Membership | undefined {
    return firstDefined(this.#trackers, ({ membership }) => membership);
  }

  start(): void {
    for (const tracker of this.#all) tracker.start();
  }

  subscribe(handlers: TrackerHandlers): () => void {
    let last = this.state;
    const onState = () => {
      const { state } = this;
      if (state === last) return;
      last = state;
      handlers.onState?.(state);
    };
    const ends = this.#all.map((tracker, place) =>
      tracker.subscribe({
        onState,
        onAnnounced: (reply) => {
          this.#learn(reply.peers, tracker);
          handlers.onAnnounced?.(reply);
        },
        onIntroduced: (peers) => {
          this.#learn(peers, tracker);
          handlers.onIntroduced?.(peers);
        },
        onRelay: (from, signal) => {
          this.#learn([from], tracker);
          handlers.onRelay?.(from, signal);
        },
        onDescriptor: (signed) => handlers.onDescriptor?.(signed),
        onMembership: (membership) => {
          if (this.#hasWord("membership", place)) handlers.onMembership?.(membership);
        },
        onClock: (offsetMs) => {
          if (this.#hasWord("clock", place)) handlers.onClock?.(offsetMs);
        },
      }),
    );
    return () => {
      for (const end of ends) end();
    };
  }

  async relay(to: PeerId, signal: Signal): Promise<boolean> {
    const teller = this.#toldBy.get(to);
    const others = this.#all.filter((tracker) => tracker !== teller);
    for (const tracker of teller === undefined ? others : [teller, ...others]) {
      if (await tracker.relay(to, signal)) return true;
    }
    return false;
  }

  async findPeers(want: number): Promise<PeerRecord[]> {
    const found = new Map<PeerId, PeerRecord>();
    const ask = async (tracker: MeshTracker) => {
      const peers = await tracker.findPeers(want);
      this.#learn(peers, tracker);
      for (const peer of peers) found.set(peer.peerId, peer);
    };
    await Promise.all(this.#all.map(ask));
    return [...found.values()];
  }

  get #all(): readonly MeshTracker[] {
    return this.#ours === undefined ? this.#trackers : [...this.#trackers, this.#ours];
  }

  #learn(peers: readonly PeerRecord[], tracker: MeshTracker): void {
    for (const { peerId } of peers) {
      this.#toldBy.delete(peerId);
      this.#toldBy.set(peerId, tracker);
      const [oldest] = this.#toldBy.keys();
      if (this.#toldBy.size > TOLD_OF_MAX && oldest !== undefined) this.#toldBy.delete(oldest);
    }
  }

  #hasWord(what: "membership" | "clock", place: number): boolean {
    this.#word[what] = Math.min(this.#word[what], place);
    return this.#word[what] === place;
  }
}

function firstDefined<T>(
  trackers: readonly MeshTracker[],
  read: (tracker: MeshTracker) => T | undefined,
): T | undefined {
  for (const tracker of trackers) {
    const value = read(tracker);
    if (value !== undefined) return value;
  }
  return undefined;
}
