import { expect, it } from "vitest";
import { NO_MESH_STATS, NO_PLAYBACK_STATS, playerStats } from "../player-stats.ts";
import { StatsHistory } from "./stats-history.ts";

function stats(fromPeers: number, latencyMs?: number) {
  return playerStats({
    streamId: undefined,
    startupMs: undefined,
    rendition: undefined,
    state: "playing",
    mesh: { ...NO_MESH_STATS, bytes: { ...NO_MESH_STATS.bytes, fromPeers } },
    playback: { ...NO_PLAYBACK_STATS, latencyMs },
    p2p: { isOn: true, isRelayOnly: false },
  });
}

it("turns sums into rates, from the second sample on", () => {
  const history = new StatsHistory();
  history.add(stats(1000), 5000);
  expect(history.samples).toEqual([]);
  history.add(stats(251_000, 1003), 7000);
  expect(history.samples).toMatchObject([
    { atSec: 7, fromPeersBps: 1_000_000, fromSeederBps: 0, latencyMs: 1003 },
  ]);
});

it("knows no negative rates, and keeps two minutes", () => {
  const history = new StatsHistory();
  for (let second = 0; second <= 200; second++) history.add(stats(1000 - second), second * 1000);
  expect(history.samples).toHaveLength(120);
  expect(history.samples[0]?.atSec).toBe(81);
  expect(history.samples.every(({ fromPeersBps }) => fromPeersBps === 0)).toBe(true);
});
