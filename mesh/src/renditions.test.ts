import { describe, expect, it } from "vitest";
import type { PeerId } from "#protocol";
import { EngineRig, sent } from "./testing/engine-rig.ts";
import {
  testBlocks,
  testDescriptor,
  testPeerId,
  type VirtualPeer,
  VirtualSwarm,
} from "./testing/index.ts";

const HIGH = 0;
const AUDIO = 1;
const LOW = 2;

/** Half of the viewers take one rendition, half the other; all take the sound. */
function mixedSwarm(viewers: number): {
  swarm: VirtualSwarm;
  high: VirtualPeer[];
  low: VirtualPeer[];
} {
  const swarm = new VirtualSwarm({ seed: 3, hasSecondRendition: true });
  const high: VirtualPeer[] = [];
  const low: VirtualPeer[] = [];
  swarm.run(2000);
  for (let i = 0; i < viewers; i++) {
    const video = i % 2 === 0 ? HIGH : LOW;
    const peer = swarm.join(`${"abcdefghijklmnop"[i]}viewer`, {}, [video, AUDIO]);
    (video === HIGH ? high : low).push(peer);
    swarm.run(swarm.nowMs + 500);
  }
  swarm.run(swarm.nowMs + 3000);
  return { swarm, high, low };
}

/** Share of a track's chunks, made between two times, that came within 1 s. */
function share(peer: VirtualPeer, track: number, fromMs: number, toMs: number): number {
  const inTime = peer.delivered.filter(
    ({ chunk, atMs }) =>
      chunk.track === track &&
      chunk.sourceTimeMs >= fromMs &&
      chunk.sourceTimeMs < toMs &&
      atMs - chunk.sourceTimeMs <= 1000,
  );
  return inTime.length / ((toMs - fromMs) / 200);
}

describe("several renditions of the picture", () => {
  it("come to those who take them, one copy of each from the source, and the sound to all", () => {
    const { swarm, high, low } = mixedSwarm(8);
    const fromMs = swarm.nowMs;
    const before = { sent: swarm.seeder.engine.stats().bytes.uploaded, copy: swarm.copyBytes };
    swarm.run(fromMs + 12_000);
    for (const peer of high) {
      expect(share(peer, HIGH, fromMs, fromMs + 10_000)).toBe(1);
      expect(share(peer, AUDIO, fromMs, fromMs + 10_000)).toBe(1);
      expect(peer.delivered.some(({ chunk }) => chunk.track === LOW)).toBe(false);
    }
    for (const peer of low) {
      expect(share(peer, LOW, fromMs, fromMs + 10_000)).toBe(1);
      expect(share(peer, AUDIO, fromMs, fromMs + 10_000)).toBe(1);
      expect(peer.delivered.some(({ chunk }) => chunk.track === HIGH)).toBe(false);
    }
    const copies =
      (swarm.seeder.engine.stats().bytes.uploaded - before.sent) / (swarm.copyBytes - before.copy);
    expect(copies).toBeLessThan(1.3);
  });

  it("share one swarm of sound: those of one rendition get it from those of the other", () => {
    const { swarm, high, low } = mixedSwarm(8);
    swarm.run(swarm.nowMs + 5000);
    const stripe = 8;
    const parents = [...high, ...low].map((peer) => ({
      peer,
      parent: peer.engine.stats().stripes[stripe]?.parent,
    }));
    const isMixed = ({ peer, parent }: (typeof parents)[number]) =>
      (high.includes(peer) ? low : high).some(({ id }) => id === parent);
    expect(parents.filter(isMixed).length).toBeGreaterThan(0);
  });

  it("a viewer that changes gets the other one from the live edge on, from neighbors", () => {
    const { swarm, high } = mixedSwarm(8);
    const peer = high[1] as VirtualPeer;
    const before = peer.engine.stats().bytes;
    const atMs = swarm.nowMs;
    swarm.inject(peer, { type: "tracks-chosen", tracks: [HIGH, LOW, AUDIO] });
    swarm.run(atMs + 1500);
    swarm.inject(peer, { type: "tracks-chosen", tracks: [LOW, AUDIO] });
    swarm.run(atMs + 10_000);
    // Nothing is missing of either until the change, nor of the new one after it.
    expect(share(peer, HIGH, atMs, atMs + 1000)).toBe(1);
    expect(share(peer, LOW, atMs + 400, atMs + 9000)).toBe(1);
    expect(share(peer, AUDIO, atMs, atMs + 9000)).toBe(1);
    expect(peer.engine.stats().bytes.fromOrigin).toBe(before.fromOrigin);
    const late = peer.delivered.filter(
      ({ chunk, atMs: at }) => chunk.track === HIGH && at > atMs + 2500,
    );
    expect(late).toEqual([]);
  });

  it("those below a viewer that changes find another parent, and lack nothing", () => {
    const { swarm, high } = mixedSwarm(8);
    const fromMs = swarm.nowMs;
    const inside = high.toSorted((a, b) => childrenOf(b) - childrenOf(a))[0] as VirtualPeer;
    expect(childrenOf(inside)).toBeGreaterThan(0);
    swarm.inject(inside, { type: "tracks-chosen", tracks: [LOW, AUDIO] });
    swarm.run(fromMs + 10_000);
    expect(childrenOf(inside)).toBe(0);
    for (const peer of high) {
      if (peer !== inside) expect(share(peer, HIGH, fromMs, fromMs + 8000)).toBe(1);
    }
  });

  it("a viewer comes back to what it had left long ago, without what lies between", () => {
    const { swarm, low } = mixedSwarm(6);
    const peer = low[0] as VirtualPeer;
    swarm.inject(peer, { type: "tracks-chosen", tracks: [HIGH, AUDIO] });
    swarm.run(swarm.nowMs + 8000);
    const atMs = swarm.nowMs;
    swarm.inject(peer, { type: "tracks-chosen", tracks: [LOW, AUDIO] });
    swarm.run(atMs + 8000);
    expect(share(peer, LOW, atMs + 400, atMs + 7000)).toBe(1);
    const old = peer.delivered.filter(
      ({ chunk, atMs: at }) => at > atMs && chunk.sourceTimeMs < atMs - 2500,
    );
    expect(old).toEqual([]);
  });
});

/** Children below a viewer on the stripes of the better rendition. */
function childrenOf({ engine }: VirtualPeer): number {
  return engine
    .stats()
    .stripes.slice(0, 8)
    .reduce((sum, { children }) => sum + children, 0);
}

describe("an engine", () => {
  const { tracks } = testDescriptor();
  const second = { ...tracks[0], id: "v1" } as (typeof tracks)[number];
  const descriptor = testDescriptor({ tracks: [...tracks, second] });

  it("asks the origin where a track is that nobody here knows", () => {
    const rig = new EngineRig({ descriptor, tracks: [HIGH, AUDIO] });
    rig.connect(testPeerId("bob"));
    expect(rig.feed({ type: "tracks-chosen", tracks: [HIGH, AUDIO] })).toEqual([]);
    expect(rig.feed({ type: "tracks-chosen", tracks: [LOW, AUDIO] })).toContainEqual({
      type: "join",
    });
  });

  it("leaves out of a join response what it does not take", () => {
    const rig = new EngineRig({ descriptor, tracks: [LOW, AUDIO] });
    const place = { sequence: 5, sourceTimeMs: rig.nowMs, sizeBytes: 1000 };
    const blocks = [HIGH, AUDIO, LOW].flatMap((track) => testBlocks({ ...place, track }));
    const verified = rig
      .feed({ type: "join-received", blocks })
      .flatMap((action) => (action.type === "verify" ? [action.block.track] : []));
    expect(verified).toEqual([AUDIO, LOW]);
  });

  it("asks nobody for a stripe it does not take", () => {
    const rig = new EngineRig({ descriptor, tracks: [LOW, AUDIO] });
    const bob = testPeerId("bob");
    const lagsMs = Array.from({ length: 17 }, () => 100);
    const actions = [
      ...rig.connect(bob),
      ...rig.message(bob, { type: "have", lagsMs, chunks: [] }),
      ...rig.runUntil(rig.nowMs + 100),
    ];
    const asked = sent(bob, "subscribe", actions).map(({ track }) => track);
    expect(new Set(asked)).toEqual(new Set([LOW, AUDIO]));
  });

  it("refuses to feed a stripe it does not take", () => {
    const rig = new EngineRig({ descriptor, tracks: [LOW, AUDIO] });
    const bob = testPeerId("bob");
    rig.connect(bob);
    const subscribe = { type: "subscribe", track: HIGH, stripe: 0 } as const;
    const actions = rig.message(bob, { ...subscribe, isUrgent: true, fromSequence: 0 });
    expect(sent(bob, "refuse", actions)).toHaveLength(1);
  });

  it("tells those it feeds at once that it will not go on", () => {
    const rig = new EngineRig({ descriptor, tracks: [HIGH, AUDIO] });
    const [seeder, child] = [testPeerId("seeder"), testPeerId("child")];
    rig.connect(seeder, { role: "seeder" });
    rig.connect(child);
    const stripe = { track: AUDIO, stripe: 0 };
    const route: PeerId[] = [];
    rig.message(seeder, { type: "accept", ...stripe, route });
    rig.message(child, { type: "subscribe", ...stripe, isUrgent: true, fromSequence: 0 });
    expect(rig.engine.stats().stripes[8]?.children).toBe(1);
    const actions = rig.feed({ type: "tracks-chosen", tracks: [HIGH] });
    expect(sent(child, "refuse", actions)).toHaveLength(1);
    expect(sent(seeder, "unsubscribe", actions)).toContainEqual({ type: "unsubscribe", ...stripe });
  });

  it("fetches nothing of the time in which it did not take a track", () => {
    const rig = new EngineRig({ descriptor, tracks: [HIGH, AUDIO], canConnect: false });
    const join = (sequence: number) =>
      rig.feed({
        type: "join-received",
        blocks: [HIGH, AUDIO, LOW].flatMap((track) =>
          testBlocks({ track, sequence, sourceTimeMs: rig.nowMs - 200, sizeBytes: 1000 }),
        ),
      });
    const verify = (actions: ReturnType<typeof join>) => {
      for (const action of actions) {
        if (action.type !== "verify") continue;
        rig.feed({ type: "block-verified", from: "origin", block: action.block, isValid: true });
      }
    };
    verify(join(100));
    rig.feed({ type: "tracks-chosen", tracks: [AUDIO] });
    rig.nowMs += 8000;
    const actions = rig.feed({ type: "tracks-chosen", tracks: [HIGH, AUDIO] });
    expect(actions).toContainEqual({ type: "join" });
    const later = [...actions, ...rig.runUntil(rig.nowMs + 100)];
    const fetched = later.flatMap((action) => (action.type === "fetch" ? [action.track] : []));
    expect(fetched).not.toContain(HIGH);
  });
});
