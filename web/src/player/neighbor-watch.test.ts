import { expect, it } from "vitest";
import type { NeighborStats } from "#mesh";
import { NeighborWatch } from "./neighbor-watch.ts";

const neighbors = (...names: string[]) =>
  names.map((peer) => ({ peer, role: "viewer" }) as NeighborStats);

it("says who came and who went since the last time", () => {
  const watch = new NeighborWatch();
  expect(watch.update(neighbors("alice", "bob"))).toEqual([
    { type: "peerconnect", peerId: "alice", role: "viewer" },
    { type: "peerconnect", peerId: "bob", role: "viewer" },
  ]);
  expect(watch.update(neighbors("alice", "bob"))).toEqual([]);
  expect(watch.update(neighbors("bob", "carol"))).toEqual([
    { type: "peerdisconnect", peerId: "alice", role: "viewer" },
    { type: "peerconnect", peerId: "carol", role: "viewer" },
  ]);
});
