import { describe, expect, it } from "vitest";
import type { NeighborStats } from "#mesh";
import {
  NO_MESH_STATS,
  NO_PLAYBACK_STATS,
  offload,
  type PlayerStats,
  playerStats,
} from "./player-stats.ts";
import { bytesBar, savingsLine, statsRows } from "./stats/stats-rows.ts";
import { percent, seconds, size } from "./stats/units.ts";
import { EN_CONTROLS as TEXTS } from "./texts/en-controls.ts";

const p2p = { isOn: true, isRelayOnly: false } as const;

const nothing = playerStats({
  streamId: undefined,
  startupMs: undefined,
  rendition: undefined,
  state: "idle",
  mesh: NO_MESH_STATS,
  playback: NO_PLAYBACK_STATS,
  p2p,
});

const bytes = {
  fromPeers: 6_000_000,
  fromSeeder: 1_500_000,
  fromOrigin: 500_000,
  uploaded: 7_000_000,
  duplicate: 900,
  control: 40_000,
};

const neighbor = (changes: Partial<NeighborStats>) =>
  ({ parentOf: 0, childOf: 0, ...changes }) as NeighborStats;

describe("getStats()", () => {
  it("has every field of the contract from the start", () => {
    expect(nothing).toEqual({
      streamId: null,
      startupMs: null,
      latencyMs: null,
      targetLatencyMs: 1000,
      stalls: { count: 0, totalMs: 0 },
      playedMs: 0,
      bytes: NO_MESH_STATS.bytes,
      blocks: NO_MESH_STATS.blocks,
      neighbors: 0,
      rendition: null,
      droppedFrames: 0,
      state: "idle",
      forwardBufferMs: 0,
      skippedMs: 0,
      playbackRate: 1,
      neighborList: [],
      renewals: { count: 0, lastReason: null },
      p2p,
      unsupportedTracks: [],
      dvr: { windowMs: null, isPast: false },
    });
  });

  it("gives whole milliseconds and counts neighbors", () => {
    const stats = playerStats({
      streamId: "s",
      startupMs: 180.4,
      rendition: "v0",
      state: "playing",
      mesh: { ...NO_MESH_STATS, bytes, neighbors: [neighbor({}), neighbor({})] },
      playback: { ...NO_PLAYBACK_STATS, latencyMs: 1003.7 },
      p2p,
    });
    expect(stats).toMatchObject({ startupMs: 180, latencyMs: 1004, neighbors: 2, bytes });
  });
});

describe("the statistics panel", () => {
  const stats: PlayerStats = {
    ...nothing,
    startupMs: 180,
    latencyMs: 1049,
    bytes,
    neighbors: 3,
    neighborList: [neighbor({ parentOf: 3, childOf: 1 }), neighbor({ parentOf: 1 }), neighbor({})],
  };

  it("says where the bytes came from", () => {
    expect(offload(bytes)).toBe(0.75);
    expect(bytesBar(stats, TEXTS).map(({ kind, share }) => [kind, share])).toEqual([
      ["peers", 0.75],
      ["seeder", 0.1875],
      ["origin", 0.0625],
    ]);
    expect(savingsLine(stats, TEXTS)).toBe("You saved the broadcaster 75 %");
  });

  it("divides nothing by nothing", () => {
    expect(savingsLine(nothing, TEXTS)).toBe("Nothing received yet");
    expect(bytesBar(nothing, TEXTS).map(({ share }) => share)).toEqual([0, 0, 0]);
  });

  it("tells the rest in rows", () => {
    const rows = Object.fromEntries(
      statsRows(stats, TEXTS).map(({ label, value }) => [label, value]),
    );
    expect(rows).toMatchObject({
      Latency: "1.0 s, target 1.0 s",
      "Start-up": "180 ms",
      Neighbors: "3, 2 feeding us, 1 fed",
      Received: "8.0 MB",
      Overhead: "40 kB control, 900 B twice",
    });
  });

  it("writes numbers short", () => {
    expect([0, 999, 1000, 9950, 1_234_567, 2e9].map(size)).toEqual([
      "0 B",
      "999 B",
      "1.0 kB",
      "9.9 kB",
      "1.2 MB",
      "2.0 GB",
    ]);
    expect(seconds(null)).toBe("–");
    expect(percent(0.996)).toBe("100 %");
  });
});
