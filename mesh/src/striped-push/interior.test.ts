import { describe, expect, it } from "vitest";
import type { PeerId } from "#protocol";
import { DEFAULT_MESH_OPTIONS } from "../options.ts";
import { StripeTable } from "../stripe-table.ts";
import { testDescriptor, testPeerId } from "../testing/index.ts";
import { isInterior, worthInside } from "./interior.ts";

const stripes = new StripeTable();
stripes.update(testDescriptor());
const world = { stripes, options: DEFAULT_MESH_OPTIONS };
const VIDEO = stripes.stripes.filter(({ track }) => track === 0);
const streamBps = stripes.streamRateBps();
const letter = (place: number) => String.fromCharCode(97 + (place % 26));
const peers = Array.from({ length: 400 }, (_, i) =>
  testPeerId([i, 7 * i + (i >> 3), 11 * i, i >> 2].map(letter).join("")),
);

/** The stripes of the video in whose trees a peer has a place inside. */
function insideOf(peer: PeerId, timesStream: number): number[] {
  const uploadBps = timesStream * streamBps;
  return VIDEO.filter((stripe) => isInterior(peer, uploadBps, stripe, world)).map(
    ({ stripe }) => stripe,
  );
}

describe("a place inside the trees", () => {
  it("is for those whose uplink serves some children, and for more trees the more it serves", () => {
    const [peer] = peers as [PeerId];
    expect(insideOf(peer, 0.3)).toEqual([]);
    expect(insideOf(peer, 1.5)).toHaveLength(1);
    expect(insideOf(peer, 4)).toHaveLength(2);
    expect(insideOf(peer, 10)).toHaveLength(5);
    expect(insideOf(peer, 1000)).toHaveLength(VIDEO.length);
  });

  it("is kept when an uplink turns out to carry more", () => {
    for (const peer of peers) {
      expect(insideOf(peer, 10)).toEqual(expect.arrayContaining(insideOf(peer, 4)));
    }
  });

  it("is spread over all stripes alike", () => {
    const counts = VIDEO.map(
      ({ stripe }) => peers.filter((peer) => insideOf(peer, 1.5).includes(stripe)).length,
    );
    const even = peers.length / VIDEO.length;
    for (const count of counts) expect(Math.abs(count - even)).toBeLessThan(even / 2);
  });

  it("makes an uplink count for more than in a tree where its owner is a leaf", () => {
    const [peer] = peers as [PeerId];
    const [inside] = insideOf(peer, 1.5);
    const worth = (timesStream: number) =>
      VIDEO.map((stripe) => worthInside(peer, timesStream * streamBps, stripe, world));
    const [best = 0, ...others] = worth(1.5).sort((a, b) => b - a);
    expect(inside).toBeDefined();
    expect(others.every((other) => other < best / 4)).toBe(true);
    // Nobody gains by declaring more than can be of use.
    expect(Math.max(...worth(1000))).toBe(Math.max(...worth(100)));
  });
});
