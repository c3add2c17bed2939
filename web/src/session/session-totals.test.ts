import { expect, it } from "vitest";
import { NO_MESH_STATS } from "../player/player-stats.ts";
import { SessionTotals } from "./session-totals.ts";

const stats = (fromOrigin: number, neighbors: number) => ({
  ...NO_MESH_STATS,
  bytes: { ...NO_MESH_STATS.bytes, fromOrigin },
  blocks: { ...NO_MESH_STATS.blocks, received: 1 },
  neighbors: Array.from({ length: neighbors }, () => ({}) as never),
});

it("adds up what one session after the other received, and shows the neighbors of the last", () => {
  const totals = new SessionTotals();
  expect(totals.with(stats(5, 1))).toEqual(stats(5, 1));
  totals.keep(stats(5, 1));
  totals.keep(undefined);
  totals.keep(stats(7, 2));
  const now = totals.with(stats(1, 3));
  expect(now.bytes.fromOrigin).toBe(13);
  expect(now.blocks.received).toBe(3);
  expect(now.neighbors).toHaveLength(3);
});
