import { describe, expect, it } from "vitest";
import type { Block } from "#protocol";
import type { MeshOptions } from "../options.ts";
import { EngineRig, sent, testBlocks, testDescriptor, testPeerId } from "../testing/index.ts";

const alice = testPeerId("alice");
const bert = testPeerId("bert");
const descriptor = testDescriptor({ scheduler: "latest-useful-push" });

function blockOf(sequence: number): Block {
  const place = { track: 0, sequence, sourceTimeMs: 800 + 200 * sequence };
  const [block] = testBlocks({ ...place, sizeBytes: 9000 });
  if (block === undefined) throw new Error("a block expected");
  return block;
}

/** Alice and Bert are there and hold nothing. */
function rigOf(options: Partial<MeshOptions> = {}): EngineRig {
  const rig = new EngineRig({ descriptor, options });
  for (const peer of [alice, bert]) {
    rig.connect(peer);
    rig.message(peer, { type: "have", lagsMs: new Array(9).fill(0xffff), chunks: [] });
  }
  return rig;
}

function fetched(rig: EngineRig, ...sequences: number[]): void {
  for (const block of sequences.map(blockOf)) {
    rig.feed({ type: "block-verified", from: "origin", block, isValid: true });
  }
}

describe("latest-useful-push", () => {
  it("pushes a block to those who lack it by their claims, once each", () => {
    const rig = rigOf();
    rig.claim(bert, 0, 1, [true]);
    fetched(rig, 1);
    const actions = rig.runUntil(rig.nowMs + 200);
    expect(sent(alice, "block", actions).map(({ block }) => block.sequence)).toEqual([1]);
    expect(sent(bert, "block", actions)).toEqual([]);
  });

  it("pushes nothing back to whom it came from", () => {
    const rig = rigOf();
    rig.receive(alice, blockOf(1));
    const actions = rig.runUntil(rig.nowMs + 200);
    expect(sent(alice, "block", actions)).toEqual([]);
    expect(sent(bert, "block", actions)).toHaveLength(1);
  });

  it("pushes the newest first, so many a round", () => {
    const rig = rigOf({ pushRoundBlocks: 1, pushPeriodMs: 100 });
    for (const sequence of [1, 2, 3]) rig.claim(bert, 0, sequence, [true]);
    // The first is gone in a round of its own before the others are there.
    fetched(rig, 1, 2, 3);
    const next = sent(alice, "block", rig.runUntil(rig.nowMs + 199));
    const last = sent(alice, "block", rig.runUntil(rig.nowMs + 100));
    expect(next.map(({ block }) => block.sequence)).toEqual([3]);
    expect(last.map(({ block }) => block.sequence)).toEqual([2]);
  });

  it("knows nobody's lack before it was told what they hold", () => {
    const rig = new EngineRig({ descriptor });
    rig.connect(alice);
    fetched(rig, 1);
    expect(sent(alice, "block", rig.runUntil(rig.nowMs + 200))).toEqual([]);
  });

  it("takes what nobody requested, up to what an honest neighbor can have to push", () => {
    const rig = rigOf({ pushBufferBlocks: 2 });
    const isDropped = () => !rig.engine.stats().neighbors.some(({ peer }) => peer === alice);
    rig.receive(alice, blockOf(1));
    rig.receive(alice, blockOf(2));
    expect(rig.engine.stats().blocks).toMatchObject({ received: 2, rejected: 0 });
    for (let i = 0; i < 20; i++) rig.receive(alice, blockOf(2));
    expect(isDropped()).toBe(true);
  });

  it("pulls what was not pushed in time, and not a moment before", () => {
    const rig = rigOf({ pushHopeMs: 200 });
    fetched(rig, 1);
    const heardAtMs = rig.nowMs;
    rig.claim(alice, 0, 2, [true]);
    expect(sent(alice, "request", rig.runUntil(heardAtMs + 199))).toEqual([]);
    expect(sent(alice, "request", rig.runUntil(heardAtMs + 260))).toHaveLength(1);
  });

  it("has the source push each block to a few", () => {
    const rig = new EngineRig({ role: "seeder", self: testPeerId("seeder"), descriptor });
    const peers = ["a", "b", "c", "d", "e"].map((name) => testPeerId(name));
    for (const peer of peers) rig.connect(peer);
    const published = rig.feed({ type: "blocks-published", blocks: [blockOf(1)] });
    const first = peers.flatMap((peer) => sent(peer, "block", published));
    const actions = rig.runUntil(rig.nowMs + 500);
    const pushed = peers.flatMap((peer) => sent(peer, "block", actions));
    expect(pushed.length + first.length).toBe(3);
  });
});
