import { describe, expect, it } from "vitest";
import type { PeerId } from "#protocol";
import { testBlocks, testPeerId } from "./testing/index.ts";
import { UploadQueue } from "./upload-queue.ts";

const alice = testPeerId("alice");
const bert = testPeerId("bert");

/** A queue over links with room, at this rate. */
function queueOf(budgetBps: number, queueBytesMax = 1e9) {
  const pace = {
    budgetBps,
    busyForMs: 0,
    congested: new Set<PeerId>(),
    isCongested: (peer: PeerId) => pace.congested.has(peer),
  };
  return { queue: new UploadQueue(pace, queueBytesMax), pace };
}

function upload(sequence: number, to = alice, isRequested = false, queuedAtMs = 0) {
  const [block] = testBlocks({ track: 0, sequence, sourceTimeMs: 0, sizeBytes: 16_000 });
  if (block === undefined) throw new Error("one block expected");
  return { to, block, isRequested, queuedAtMs };
}

describe("UploadQueue", () => {
  it("sends pushed blocks before requested ones", () => {
    const { queue } = queueOf(1e9);
    queue.add(upload(1, alice, true));
    queue.add(upload(2));
    expect(queue.drain(0).map(({ block }) => block.sequence)).toEqual([2, 1]);
  });

  it("sends a block that is asked for again, or asked for while it waits to be pushed, once", () => {
    const { queue } = queueOf(1e9);
    queue.add(upload(1));
    queue.add(upload(1, alice, true));
    queue.add(upload(1, alice, true));
    expect(queue.drain(0)).toHaveLength(1);
  });

  it("holds the upload limit over a second", () => {
    const { queue } = queueOf(1_000_000);
    let sentBytes = 0;
    for (let nowMs = 0; nowMs < 10_000; nowMs += 10) {
      queue.add(upload(nowMs, alice, false, nowMs));
      for (const { block } of queue.drain(nowMs)) sentBytes += block.bytes.length;
    }
    // 10 s at 1 Mbit/s, and the burst.
    expect(sentBytes).toBeLessThanOrEqual(1_250_000 + 128 * 1024 + 16_384);
    expect(sentBytes).toBeGreaterThan(1_200_000);
  });

  // A relay with 1 Gbit/s sent 131 Mbit/s, and its 300 children were a second late.
  it("sends as much as the uplink takes, looking every 4 ms", () => {
    const { queue } = queueOf(1e9);
    for (let sequence = 0; sequence < 8000; sequence++) queue.add(upload(sequence));
    let sentBytes = 0;
    for (let nowMs = 0; nowMs < 1000; nowMs = queue.wakeAtMs(nowMs)) {
      for (const { block } of queue.drain(nowMs)) sentBytes += block.bytes.length;
    }
    expect(sentBytes).toBeGreaterThan(110_000_000);
    expect(sentBytes).toBeLessThan(135_000_000);
  });

  it("lets others pass a congested neighbor, and serves it when its link drained", () => {
    const { queue, pace } = queueOf(1e9);
    queue.add(upload(1, alice));
    queue.add(upload(2, bert));
    pace.congested.add(alice);
    expect(queue.drain(0).map(({ to }) => to)).toEqual([bert]);
    pace.congested.clear();
    expect(queue.drain(10).map(({ to }) => to)).toEqual([alice]);
  });

  it("drops pushes that waited too long, never requested blocks", () => {
    const { queue } = queueOf(1e9);
    queue.add(upload(1));
    queue.add(upload(2, alice, true));
    expect(queue.drain(1500).map(({ block }) => block.sequence)).toEqual([2]);
  });

  it("refuses more than the bound for one neighbor", () => {
    const { queue } = queueOf(1, 40_000);
    expect([1, 2, 3].map((sequence) => queue.add(upload(sequence)))).toEqual([true, true, false]);
    expect(queue.add(upload(4, bert))).toBe(true);
  });

  it("forgets what was cancelled and whom it lost", () => {
    const { queue } = queueOf(1e9);
    queue.add(upload(1, alice, true));
    queue.add(upload(2, alice));
    queue.add(upload(3, bert));
    queue.cancel(alice, 0, 1, 0);
    queue.removePeer(bert);
    expect(queue.drain(0).map(({ block }) => block.sequence)).toEqual([2]);
  });

  it("asks to be woken when the limit allows the next block, and never while all are congested", () => {
    const { queue, pace } = queueOf(1_000_000);
    for (let sequence = 0; sequence < 12; sequence++) queue.add(upload(sequence));
    queue.drain(0);
    const wakeAtMs = queue.wakeAtMs(0);
    expect(wakeAtMs).toBeGreaterThan(100);
    expect(queue.drain(wakeAtMs - 1)).toEqual([]);
    expect(queue.drain(wakeAtMs)).toHaveLength(1);
    pace.congested.add(alice);
    expect(queue.wakeAtMs(0)).toBe(Number.POSITIVE_INFINITY);
  });

  it("holds back while the links have enough to do", () => {
    const { queue, pace } = queueOf(1e9);
    queue.add(upload(1));
    pace.busyForMs = 30;
    expect(queue.drain(0)).toEqual([]);
    pace.busyForMs = 0;
    expect(queue.drain(10)).toHaveLength(1);
  });
});
