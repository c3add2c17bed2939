import { describe, expect, it } from "vitest";
import { PEER_PROTOCOL_VERSION, type PeerId, type PeerMessage } from "#protocol";
import type { MeshAction } from "../events.ts";
import { EngineRig, sent } from "../testing/engine-rig.ts";
import { TEST_STREAM_ID, testDescriptor, testPeerId } from "../testing/index.ts";

const alice = testPeerId("alice");
const bert = testPeerId("bert");
const carol = testPeerId("carol");
const source = testPeerId("seeder");
const STREAM_BPS = testDescriptor().tracks.reduce((sum, { bitrateBps }) => sum + bitrateBps, 0);
/** Stripe of the audio: there is only one, so everybody with an uplink is to be inside its tree. */
const STRIPE = { track: 1, stripe: 0 };

function declare(rig: EngineRig, peer: PeerId, timesStream: number): void {
  rig.message(peer, {
    type: "hello",
    version: PEER_PROTOCOL_VERSION,
    streamId: TEST_STREAM_ID,
    descriptorRevision: 1,
    uploadBps: timesStream * STREAM_BPS,
  });
}

function ask(rig: EngineRig, peer: PeerId, wish: { isUrgent?: boolean; insteadOf?: PeerId } = {}) {
  return rig.message(peer, {
    type: "subscribe",
    ...STRIPE,
    isUrgent: false,
    fromSequence: 0,
    ...wish,
  });
}

/** Time passes, and neighbors say that they are there. */
function live(rig: EngineRig, forMs: number): MeshAction[] {
  const endMs = rig.nowMs + forMs;
  const actions: MeshAction[] = [];
  while (rig.nowMs < endMs) {
    actions.push(...rig.runUntil(Math.min(endMs, rig.nowMs + 500)));
    for (const peer of [alice, bert, carol]) {
      actions.push(...rig.message(peer, { type: "pong", token: 0 }));
    }
  }
  return actions;
}

describe("the source", () => {
  function feeding(): EngineRig {
    const rig = new EngineRig({ role: "seeder" });
    for (const peer of [alice, bert]) rig.connect(peer);
    declare(rig, alice, 1.5);
    declare(rig, bert, 4);
    expect(sent(alice, "accept", ask(rig, alice))).toHaveLength(1);
    return rig;
  }

  it("does not replace a child that has most of the swarm below it by a stranger", () => {
    const rig = feeding();
    live(rig, 20_000);
    const actions = ask(rig, bert);
    expect(sent(bert, "refuse", actions)).toHaveLength(1);
    expect(sent(alice, "refuse", actions)).toEqual([]);
  });

  it("does not, either, for one that says to be right below that child", () => {
    const rig = feeding();
    declare(rig, alice, 2.5);
    live(rig, 20_000);
    const actions = ask(rig, bert, { insteadOf: alice });
    expect(sent(bert, "refuse", actions)).toHaveLength(1);
    expect(sent(alice, "refuse", actions)).toEqual([]);
  });

  it("does if that child says itself that its uplink is weak", () => {
    const rig = feeding();
    live(rig, 20_000);
    const actions = ask(rig, bert, { insteadOf: alice });
    expect(sent(bert, "accept", actions)).toHaveLength(1);
    expect(sent(alice, "refuse", actions)).toHaveLength(1);
  });

  it("replaces one that came a moment ago", () => {
    const rig = feeding();
    live(rig, 3000);
    const actions = ask(rig, bert);
    expect(sent(bert, "accept", actions)).toHaveLength(1);
    expect(sent(alice, "refuse", actions)).toHaveLength(1);
  });

  // Where 300 viewers could not send, the first of them had the source's copies for good, and relays nothing.
  it("takes its copy from who can give nothing, whenever somebody comes who can", () => {
    const rig = new EngineRig({ role: "seeder" });
    for (const peer of [alice, bert, carol]) rig.connect(peer);
    for (const peer of [alice, carol]) declare(rig, peer, 0);
    declare(rig, bert, 4);
    expect(sent(alice, "accept", ask(rig, alice))).toHaveLength(1);
    live(rig, 20_000);
    // An orphan in need has a copy of its own meanwhile.
    expect(sent(carol, "accept", ask(rig, carol, { isUrgent: true }))).toHaveLength(1);
    const actions = ask(rig, bert);
    expect(sent(bert, "accept", actions)).toHaveLength(1);
    expect(sent(alice, "refuse", actions)).toHaveLength(1);
  });

  it("cuts nobody off who finds no other parent, and asks the other one to move", () => {
    const rig = feeding();
    live(rig, 3000);
    ask(rig, bert);
    const later = live(rig, 8500);
    expect(sent(alice, "accept", later)).toHaveLength(1);
    expect(sent(alice, "refuse", later)).toEqual([]);
    expect(sent(bert, "refuse", later)).toHaveLength(1);
  });

  it("gives an orphan in need a copy of its own, and makes the two one again", () => {
    const rig = feeding();
    live(rig, 20_000);
    expect(sent(bert, "accept", ask(rig, bert, { isUrgent: true }))).toHaveLength(1);
    const later = live(rig, 8500);
    expect([...sent(alice, "refuse", later), ...sent(bert, "refuse", later)]).toHaveLength(1);
  });
});

describe("a viewer with a full tree below it", () => {
  it("gives a child's place to that child's child that can give more, and tells each of the other", () => {
    const rig = new EngineRig({ options: { uploadLimitBps: 300_000 } });
    for (const peer of [alice, bert, carol]) rig.connect(peer);
    declare(rig, alice, 1.5);
    declare(rig, bert, 4);
    rig.message(carol, { type: "have", lagsMs: new Array(9).fill(250), chunks: [] });
    live(rig, 400);
    rig.message(carol, { type: "accept", ...STRIPE, route: [source] });
    expect(sent(alice, "accept", ask(rig, alice))).toHaveLength(1);
    live(rig, 2000);
    const actions = ask(rig, bert, { insteadOf: alice });
    expect(sent(bert, "accept", actions)).toHaveLength(1);
    expect(sent(alice, "refuse", actions)).toEqual([
      expect.objectContaining({ reason: "full", alternatives: [bert] }),
    ]);
  });
});

describe("a viewer with a weak uplink", () => {
  it("keeps its only child, which found no other parent", () => {
    const rig = new EngineRig({ options: { uploadLimitBps: 150_000 } });
    for (const peer of [alice, carol]) rig.connect(peer);
    rig.message(carol, { type: "have", lagsMs: new Array(9).fill(250), chunks: [] });
    live(rig, 400);
    rig.message(carol, { type: "accept", ...STRIPE, route: [source] });
    expect(sent(alice, "refuse", ask(rig, alice))).toHaveLength(1);
    expect(sent(alice, "accept", ask(rig, alice, { isUrgent: true }))).toHaveLength(1);
    expect(sent(alice, "refuse", live(rig, 3000))).toEqual([]);
  });
});

describe("a viewer that can give more than its parent", () => {
  const VIDEO_STRIPES = 8;

  /** Fed by a weak parent in every stripe, below one that is `above`. */
  function below(above: PeerId): EngineRig {
    const way = above === source ? [source] : [source, above];
    const rig = new EngineRig();
    rig.connect(alice);
    declare(rig, alice, 0.2);
    rig.message(alice, { type: "have", lagsMs: new Array(9).fill(250), chunks: [] });
    rig.runUntil(rig.nowMs + 400);
    for (let stripe = 0; stripe < VIDEO_STRIPES; stripe++) {
      rig.message(alice, { type: "accept", track: 0, stripe, route: way });
    }
    rig.message(alice, { type: "accept", ...STRIPE, route: way });
    return rig;
  }

  it("asks the one above for its parent's place", () => {
    const rig = below(carol);
    rig.connect(carol);
    rig.message(carol, { type: "have", lagsMs: new Array(9).fill(240), chunks: [] });
    const asked = sent(carol, "subscribe", live(rig, 6000));
    expect(asked).toContainEqual(expect.objectContaining({ insteadOf: alice, isUrgent: false }));
  });

  it("dials the one above through its parent when they are strangers", () => {
    const rig = below(carol);
    const dials = live(rig, 6000).filter((action) => action.type === "connect");
    expect(dials).toContainEqual({ type: "connect", peer: carol, via: alice });
  });

  it("leaves the source's child its place: most of the swarm hangs below it", () => {
    const rig = below(source);
    declare(rig, alice, 2.1);
    rig.connect(source, { role: "seeder" });
    expect(sent(source, "subscribe", live(rig, 6000))).toEqual([]);
  });

  it("leaves a parent alone that can give as much", () => {
    const rig = below(carol);
    declare(rig, alice, 100);
    rig.connect(carol);
    rig.message(carol, { type: "have", lagsMs: new Array(9).fill(240), chunks: [] });
    expect(sent(carol, "subscribe", live(rig, 6000))).toEqual([]);
  });
});

describe("a child that was given notice", () => {
  it("stays when its parent takes that back", () => {
    const rig = new EngineRig();
    rig.connect(alice);
    rig.connect(bert);
    rig.message(alice, { type: "have", lagsMs: new Array(9).fill(250), chunks: [] });
    rig.runUntil(rig.nowMs + 400);
    rig.message(alice, { type: "accept", ...STRIPE, route: [] });
    const refuse: PeerMessage = { type: "refuse", ...STRIPE, reason: "full", alternatives: [] };
    rig.message(alice, refuse);
    rig.message(alice, { type: "accept", ...STRIPE, route: [] });
    // Not the second notice, which would end it.
    rig.message(alice, refuse);
    expect(rig.engine.stats().stripes.at(-1)?.parent).toBe(alice);
    rig.message(alice, refuse);
    expect(rig.engine.stats().stripes.at(-1)?.parent).toBeUndefined();
  });
});

describe("a relay of an operator", () => {
  it("feeds as many children as it was told to, beyond the eight of a viewer", () => {
    const children = (options: { fanOut?: number }) => {
      const rig = new EngineRig({ options: { ...options, degreeHigh: 40, uploadLimitBps: 1e9 } });
      rig.connect(source, { role: "seeder" });
      rig.message(source, { type: "accept", ...STRIPE, route: [] });
      const peers = [..."abcdefghijkl"].map((name) => testPeerId(name));
      return peers.filter((peer) => {
        rig.connect(peer);
        declare(rig, peer, 0);
        return sent(peer, "accept", ask(rig, peer, { isUrgent: true })).length > 0;
      }).length;
    };
    expect(children({})).toBe(8);
    expect(children({ fanOut: 500 })).toBe(12);
  });
});
