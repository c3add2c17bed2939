import { beforeEach, expect, it } from "vitest";
import type { MeshStats } from "#mesh";
import type { PeerReport } from "#protocol";
import { NO_STATS } from "../mesh-peer/no-stats.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { Steering } from "./steering.ts";

let clock: VirtualClock;
let done: unknown[];
let sent: PeerReport[];
let mesh: MeshStats;
let steering: Steering;

beforeEach(() => {
  clock = new VirtualClock();
  done = [];
  sent = [];
  mesh = structuredClone(NO_STATS);
  steering = new Steering({
    clock,
    peer: {
      tune: (options) => done.push({ options }),
      setAway: (isAway) => done.push({ isAway }),
      stats: () => mesh,
    },
    send: (report) => sent.push(report),
    viewing: () => ({ latencyMs: 812.6, stalls: { count: 0, totalMs: 0 } }),
    setChunkMs: (chunkMs) => done.push({ chunkMs }),
  });
});

it("does what it is told, once, however often it is told, and undoes it when the time is over", async () => {
  const message = { forMs: 1000, uploadBps: 50_000, isAway: true, tuning: { pushShare: 0.7 } };
  steering.take(message);
  await clock.advance(900);
  steering.take(message);
  await clock.advance(999);
  const told = [{ options: { pushShare: 0.7, uploadLimitBps: 50_000 } }, { isAway: true }];
  expect(done).toEqual(told);
  await clock.advance(1);
  expect(done).toEqual([...told, { options: {} }, { isAway: false }]);
});

it("takes each message for all that is wanted: what is not named is as it was", () => {
  steering.take({ forMs: 1000, tuning: { pushShare: 0.7 }, chunkMs: 100 });
  steering.take({ forMs: 1000, tuning: { degreeHigh: 10 } });
  expect(done).toEqual([
    { options: { pushShare: 0.7 } },
    { chunkMs: 100 },
    { options: { degreeHigh: 10 } },
    { chunkMs: undefined },
  ]);
});

it.each([
  undefined,
  {},
  { forMs: 1e9 },
  { forMs: 1000, tuning: { originShare: 0 } },
  { forMs: 1000, tuning: { degreeHigh: 10_000 } },
  { forMs: 1000, uploadBps: 0 },
  { forMs: 1000, reportMs: 1 },
])("ignores %j, which no tracker may want", (message) => {
  steering.take(message);
  expect(done).toEqual([]);
});

it("leaves alone what is not for trackers to change: how blocks are verified, how long they are kept", () => {
  steering.take({ forMs: 1000, tuning: { badBlocksMax: 1e6, windowMs: 1, pushShare: 0.6 } });
  expect(done).toEqual([{ options: { pushShare: 0.6 } }]);
});

it("reports what happened since the last report, as long as it is asked to", async () => {
  steering.take({ forMs: 10_000, reportMs: 2000 });
  mesh.bytes.fromPeers = 4000;
  mesh.neighbors = [
    {
      peer: "aaaqeayeaudaocaj" as never,
      role: "viewer",
      isDialed: true,
      rttMs: 12.3,
      receivedBytes: 4000,
      sentBytes: 10,
      badBlocks: 0,
      parentOf: 3,
      childOf: 1,
    },
  ];
  await clock.advance(2000);
  mesh.bytes.fromPeers = 5000;
  await clock.advance(2000);
  steering.take({ forMs: 0 });
  await clock.advance(60_000);
  expect(sent.map(({ spanMs, latencyMs, bytes }) => [spanMs, latencyMs, bytes.peers])).toEqual([
    [2000, 813, 4000],
    [2000, 813, 1000],
  ]);
  expect(sent.map(({ neighbors }) => neighbors)).toEqual([
    [
      {
        peerId: "aaaqeayeaudaocaj",
        rttMs: 12,
        receivedBytes: 4000,
        sentBytes: 10,
        parentOf: 3,
        childOf: 1,
      },
    ],
    [expect.objectContaining({ receivedBytes: 0, sentBytes: 0 })],
  ]);
});

it("names of many neighbors those that carried most", async () => {
  steering.take({ forMs: 10_000, reportMs: 2000 });
  mesh.neighbors = Array.from({ length: 60 }, (_, at) => ({
    peer: `peer-${at}` as never,
    role: "viewer" as const,
    isDialed: false,
    rttMs: undefined,
    receivedBytes: at,
    sentBytes: 0,
    badBlocks: 0,
    parentOf: 0,
    childOf: 0,
  }));
  await clock.advance(2000);
  expect(sent[0]?.neighborCount).toBe(60);
  expect(sent[0]?.neighbors).toHaveLength(40);
  expect(sent[0]?.neighbors[0]?.peerId).toBe("peer-59");
});
