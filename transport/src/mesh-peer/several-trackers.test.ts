import { describe, expect, it } from "vitest";
import type { PeerId, PeerRecord, Signal } from "#protocol";
import type { TrackerHandlers, TrackerState } from "../tracker/index.ts";
import type { Announced } from "../tracker/tracker-replies.ts";
import type { MeshTracker } from "./mesh-peer-options.ts";
import { SeveralTrackers } from "./several-trackers.ts";

const [alice, bob] = ["a", "b"].map((letter) => letter.repeat(16)) as [PeerId, PeerId];
const signal = {} as Signal;

class FakeTracker implements MeshTracker {
  state: TrackerState = "connecting";
  clockOffsetMs: number | undefined;
  readonly relayed: PeerId[] = [];
  handlers: TrackerHandlers = {};

  constructor(readonly peers: readonly PeerId[] = []) {}

  start(): void {}
  subscribe(handlers: TrackerHandlers): () => void {
    this.handlers = handlers;
    return () => {};
  }
  async relay(to: PeerId): Promise<boolean> {
    this.relayed.push(to);
    return this.peers.includes(to);
  }
  async findPeers(): Promise<PeerRecord[]> {
    return this.peers.map(viewer);
  }
  becomes(state: TrackerState): void {
    this.state = state;
    this.handlers.onState?.(state);
  }
}

function viewer(peerId: PeerId): PeerRecord {
  return { peerId, role: "viewer" };
}

describe("several trackers as one", () => {
  it("find whom any of them knows, each once", async () => {
    const both = new SeveralTrackers([new FakeTracker([alice, bob]), new FakeTracker([bob])]);
    expect(await both.findPeers(8)).toEqual([viewer(alice), viewer(bob)]);
  });

  it("relay through whoever told of a peer, and through the others when it cannot", async () => {
    const first = new FakeTracker([]);
    const second = new FakeTracker([alice]);
    const both = new SeveralTrackers([first, second]);
    both.subscribe({});
    second.handlers.onAnnounced?.({ peers: [viewer(alice)] } as unknown as Announced);
    expect(await both.relay(alice, signal)).toBe(true);
    expect(first.relayed).toEqual([]);
    expect(await both.relay(bob, signal)).toBe(false);
    expect(first.relayed).toEqual([bob]);
    expect(second.relayed).toEqual([alice, bob]);
  });

  it("are as good as the best of them; our own, that serves others, does not count", () => {
    const [first, second, ours] = [new FakeTracker(), new FakeTracker(), new FakeTracker()];
    const all = new SeveralTrackers([first, second], ours);
    const states: TrackerState[] = [];
    all.subscribe({ onState: (state) => states.push(state) });
    ours.becomes("online");
    first.becomes("offline");
    expect(all.state).toBe("connecting");
    second.becomes("online");
    first.becomes("waiting-for-stream");
    second.becomes("offline");
    expect(states).toEqual(["online", "waiting-for-stream"]);
  });

  it("leave the word on the clock to the first that has one", () => {
    const [first, second] = [new FakeTracker(), new FakeTracker()];
    const offsets: number[] = [];
    new SeveralTrackers([first, second]).subscribe({ onClock: (ms) => offsets.push(ms) });
    second.handlers.onClock?.(2);
    first.handlers.onClock?.(1);
    second.handlers.onClock?.(3);
    expect(offsets).toEqual([2, 1]);
  });
});
