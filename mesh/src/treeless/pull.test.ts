import { describe, expect, it } from "vitest";
import type { Block, PeerMessage } from "#protocol";
import type { MeshOptions } from "../options.ts";
import { EngineRig, sent, testBlocks, testDescriptor, testPeerId } from "../testing/index.ts";

const alice = testPeerId("alice");
const bert = testPeerId("bert");
const seeder = testPeerId("seeder");

function rigOf(scheduler: string, options: Partial<MeshOptions> = {}): EngineRig {
  return new EngineRig({ descriptor: testDescriptor({ scheduler }), options });
}

/** Four blocks. */
function chunk(sequence: number, sourceTimeMs: number): Block[] {
  return testBlocks({ track: 0, sequence, sourceTimeMs, sizeBytes: 60_000 });
}

/** A rig that holds chunk 0, whose time everything else is counted from, and knows both neighbors. */
function startedRig(scheduler: string, options: Partial<MeshOptions> = {}): EngineRig {
  const rig = rigOf(scheduler, options);
  rig.connect(alice);
  rig.connect(bert);
  const [first] = testBlocks({ track: 0, sequence: 0, sourceTimeMs: 800, sizeBytes: 9000 });
  if (first === undefined) throw new Error("a block expected");
  rig.feed({ type: "join-received", blocks: [first] });
  rig.feed({ type: "block-verified", from: "origin", block: first, isValid: true });
  return rig;
}

describe.each(["rarest-first-pull", "deadline-pull"])("%s", (scheduler) => {
  it("requests a block as soon as a neighbor claims it, and of nobody else", () => {
    const rig = startedRig(scheduler);
    rig.claim(alice, 0, 1, [false, true, false, false]);
    const actions = rig.runUntil(rig.nowMs + 10);
    expect(sent(alice, "request", actions)).toEqual([
      { type: "request", track: 0, sequence: 1, indexes: [1] },
    ]);
    expect(sent(bert, "request", actions)).toEqual([]);
  });

  it("asks the other holder when the first is busy, and the first again when both were", () => {
    const rig = startedRig(scheduler);
    rig.claim(alice, 0, 1, [true]);
    rig.runUntil(rig.nowMs + 10);
    rig.claim(bert, 0, 1, [true]);
    const deny = { type: "deny", track: 0, sequence: 1, index: 0, reason: "busy" } as const;
    expect(sent(bert, "request", rig.message(alice, deny))).toHaveLength(1);
    expect(sent(alice, "request", rig.message(bert, deny))).toHaveLength(1);
  });

  it("has so many requests under way to one neighbor, and sends the next when one is answered", () => {
    const rig = startedRig(scheduler, { pullsInFlight: 2 });
    const blocks = chunk(1, 1000);
    rig.claim(alice, 0, 1, [true, true, true, true]);
    const requested = sent(alice, "request", rig.runUntil(rig.nowMs + 20)).flatMap(
      ({ indexes }) => indexes,
    );
    expect(requested).toHaveLength(2);
    const answer = blocks[requested[0] ?? 0];
    if (answer === undefined) throw new Error("a block expected");
    const actions = [...rig.receive(alice, answer), ...rig.runUntil(rig.nowMs + 10)];
    expect(sent(alice, "request", actions).flatMap(({ indexes }) => indexes)).toHaveLength(1);
  });

  it("takes a block that it did not request for an offence", () => {
    const rig = startedRig(scheduler);
    const [block] = chunk(1, 1000);
    if (block === undefined) throw new Error("a block expected");
    rig.receive(alice, block);
    expect(rig.engine.stats().blocks.rejected).toBe(1);
  });

  it("pushes nothing and subscribes to nothing", () => {
    const rig = startedRig(scheduler);
    const actions = rig
      .runUntil(rig.nowMs + 1000)
      .map((action) => action.type === "send" && action.message.type);
    expect(actions).not.toContain("block");
    expect(actions).not.toContain("subscribe");
  });

  it("tells of new blocks within a tenth of a second", () => {
    const rig = startedRig(scheduler);
    const actions = rig.runUntil(rig.nowMs + 100);
    const told = sent(alice, "have", actions).flatMap(({ chunks }) => chunks);
    expect(told).toEqual([{ track: 0, sequence: 0, has: [true], isIndependent: true }]);
  });
});

describe("rarest-first-pull", () => {
  it("requests what fewest neighbors hold first", () => {
    const rig = startedRig("rarest-first-pull", { pullsInFlight: 1 });
    rig.claim(bert, 0, 1, [false, true, true, true]);
    rig.claim(alice, 0, 1, [true, true, true, true]);
    const actions = rig.runUntil(rig.nowMs + 10);
    expect(sent(alice, "request", actions)).toEqual([
      { type: "request", track: 0, sequence: 1, indexes: [0] },
    ]);
  });

  it("requests what is urgent before what is rare", () => {
    const rig = startedRig("rarest-first-pull", { pullsInFlight: 1 });
    rig.feed({ type: "playback", playheadSourceMs: 700 });
    // Bert's one request is under way: only Alice can be asked.
    rig.claim(bert, 0, 2, [true, false, false, false]);
    rig.runUntil(rig.nowMs + 10);
    rig.claim(bert, 0, 1, [true]);
    rig.claim(alice, 0, 6, [true]);
    rig.claim(alice, 0, 1, [true]);
    const actions = rig.runUntil(rig.nowMs + 10);
    expect(sent(alice, "request", actions).map(({ sequence }) => sequence)).toEqual([1]);
  });
});

describe("deadline-pull", () => {
  it("requests what is played next first, however many hold it", () => {
    const rig = startedRig("deadline-pull", { pullsInFlight: 1 });
    rig.claim(alice, 0, 3, [true]);
    rig.claim(alice, 0, 2, [true]);
    const actions = rig.runUntil(rig.nowMs + 10);
    expect(sent(alice, "request", actions)[0]?.sequence).toBe(2);
  });
});

describe("the source of a swarm that pulls", () => {
  it("shows each block to a few neighbors and answers those", () => {
    const rig = new EngineRig({
      role: "seeder",
      self: seeder,
      descriptor: testDescriptor({ scheduler: "rarest-first-pull" }),
      options: { treelessCopies: 2 },
    });
    const peers = ["a", "b", "c", "d", "e"].map((name) => testPeerId(name));
    for (const peer of peers) rig.connect(peer);
    const blocks = chunk(0, 800);
    rig.feed({ type: "blocks-published", blocks });
    const actions = rig.runUntil(rig.nowMs + 100);
    const shown = (index: number) =>
      peers.filter((peer) =>
        sent(peer, "have", actions).some(({ chunks }) => chunks[0]?.has[index] === true),
      );
    expect(blocks.map(({ index }) => shown(index).length)).toEqual([2, 2, 2, 2]);
    const [chosen] = shown(0);
    if (chosen === undefined) throw new Error("somebody expected");
    const request: PeerMessage = { type: "request", track: 0, sequence: 0, indexes: [0] };
    expect(sent(chosen, "block", rig.message(chosen, request))).toHaveLength(1);
  });
});
