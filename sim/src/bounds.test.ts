import { describe, expect, it } from "vitest";
import {
  type Hop,
  postalCurve,
  postalFloorMs,
  sourceCopiesBound,
  unitUploadSteps,
} from "./bounds.ts";
import { EventQueue } from "./event-queue.ts";
import { wireBytes } from "./network.ts";
import { NetworkRig, type RecordingHost } from "./testing/recording-host.ts";

/** Every holder sends to one that has nothing yet, again and again. @returns When all have it. */
function greedyBroadcastMs(peers: number, { transferMs, latencyMs }: Hop, copies = 1): number {
  const arrivals = new EventQueue<"arrival" | "free">();
  let informed = copies;
  let promised = copies;
  let nowMs = 0;
  const sendAt = (atMs: number) => {
    if (promised >= peers) return;
    promised++;
    arrivals.push(atMs + transferMs, "free");
    arrivals.push(atMs + transferMs + latencyMs, "arrival");
  };
  for (let i = 0; i < copies; i++) sendAt(0);
  while (informed < peers) {
    nowMs = arrivals.nextAtMs;
    if (arrivals.pop() === "arrival") informed++;
    sendAt(nowMs);
  }
  return nowMs;
}

/** The same among hosts of the network model, with real messages. */
function networkBroadcastMs(peers: number, sizeBytes: number): number {
  const rig = new NetworkRig();
  const hosts = Array.from({ length: peers }, () => rig.host());
  for (const a of hosts) for (const b of hosts) if (a !== b) open(rig, a, b);
  rig.run();
  const startMs = rig.nowMs;
  const waiting = hosts.slice(1);
  const sendOn = (from: RecordingHost) => {
    const next = waiting.shift();
    if (next === undefined) return;
    rig.network.send(from.host, next.host.peer, { type: "ping", token: 0 }, sizeBytes);
    rig.queue.push(from.host.uplinkBusyUntilMs, { run: () => sendOn(from) });
  };
  for (const host of hosts) host.onArrival = () => sendOn(host);
  if (hosts[0] !== undefined) sendOn(hosts[0]);
  rig.run();
  return Math.max(...hosts.slice(1).map(({ arrivals }) => arrivals[0]?.atMs ?? Infinity)) - startMs;
}

function open(rig: NetworkRig, a: RecordingHost, b: RecordingHost): void {
  if (!a.host.links.has(b.host.peer)) rig.network.connect(a.host, b.host, 0, () => {});
}

describe("postal floor", () => {
  const HOPS: [number, number, Hop, number][] = [
    [100, 1, { transferMs: 13, latencyMs: 40 }, 0.02],
    [1000, 1, { transferMs: 13, latencyMs: 40 }, 0.02],
    [1000, 4, { transferMs: 52, latencyMs: 75 }, 0.02],
    [10_000, 4, { transferMs: 2.1, latencyMs: 75 }, 0.02],
    [10_000, 1, { transferMs: 26, latencyMs: 0.5 }, 0.02],
  ];

  it.each(HOPS)(
    "is what a greedy broadcast takes: %d peers from %d",
    (peers, copies, hop, share) => {
      const greedyMs = greedyBroadcastMs(peers, hop, copies);
      expect(Math.abs(postalFloorMs(peers, hop, copies) / greedyMs - 1)).toBeLessThan(share);
    },
  );

  it("has the values that were computed for docs/design/simulator.md, step by step of 13 ms", () => {
    const floors = [100, 1000, 10_000].map((peers) =>
      postalFloorMs(peers, { transferMs: 13.1, latencyMs: 40 }, 4),
    );
    [159, 261, 354].forEach((expected, i) => {
      expect(Math.abs((floors[i] ?? 0) / expected - 1)).toBeLessThan(0.05);
    });
  });

  it("is what a greedy broadcast takes in the network model, within 2 %", () => {
    const sizeBytes = 8 * 1024;
    const hop = { transferMs: wireBytes(sizeBytes) / 1000, latencyMs: 10 };
    const ratio = networkBroadcastMs(120, sizeBytes) / postalFloorMs(120, hop);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.02);
  });

  it("is the end of a curve that never falls", () => {
    const curve = postalCurve(500, { transferMs: 13, latencyMs: 40 });
    const counts = curve.map(({ informed }) => informed);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBeGreaterThanOrEqual(500);
    expect(counts.at(-2)).toBeLessThan(500);
  });
});

describe("unit upload", () => {
  it.each([2, 3, 6, 100, 1000, 4096])(
    "reaches %d peers in ⌈log2 n⌉ + 1 chunk times, the first one from the source",
    (peers) => {
      const slots = 1 + greedyBroadcastMs(peers, { transferMs: 1, latencyMs: 0 });
      expect(slots).toBe(unitUploadSteps(peers));
    },
  );
});

describe("source copies", () => {
  it("are one where uplinks suffice, and otherwise what they cannot carry", () => {
    expect(sourceCopiesBound(100, 350)).toBe(1);
    expect(sourceCopiesBound(100, 60)).toBe(40);
  });
});
