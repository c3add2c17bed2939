import { describe, expect, it } from "vitest";
import type { PeerId, PeerMessage } from "#protocol";
import { ParentLedger } from "./parent-ledger.ts";
import { StripeCycles } from "./stripe-cycles.ts";

const [A, B, C, D] = ["a", "b", "c", "d"] as [PeerId, PeerId, PeerId, PeerId];

describe("stripe cycles", () => {
  const looped = new Map([
    [A, [D, B]],
    [B, [A, C]],
    [C, [B, A]],
    [D, [undefined, A]],
  ]);

  it("are told once they have lasted more than 3 s", () => {
    const cycles = new StripeCycles();
    expect(cycles.lasting(looped, 1000)).toEqual([]);
    expect(cycles.lasting(looped, 4000)).toEqual([]);
    expect(cycles.lasting(looped, 5000)).toEqual([[A, B, C]]);
  });

  it("count anew when they were broken in between", () => {
    const cycles = new StripeCycles();
    cycles.lasting(looped, 1000);
    cycles.lasting(new Map(), 3000);
    cycles.lasting(looped, 4000);
    expect(cycles.lasting(looped, 5000)).toEqual([]);
  });
});

describe("parents by what was said on the wire", () => {
  const stripe = { track: 0, stripe: 3 };
  const accept: PeerMessage = { type: "accept", ...stripe, route: [] };
  const always = () => true;

  it("are one too many when a second has stayed for more than 3 s", () => {
    const ledger = new ParentLedger();
    ledger.said(B, A, accept);
    ledger.said(C, A, accept);
    expect(ledger.crowded(always, 1000)).toEqual([]);
    expect(ledger.crowded(always, 5000)).toEqual(["a gets stripe 0/3 of b and c"]);
  });

  it("are one again when the old one was left, refused or is gone", () => {
    const ledger = new ParentLedger();
    for (const parent of [B, C]) ledger.said(parent, A, accept);
    ledger.crowded(always, 1000);
    ledger.said(A, B, { type: "unsubscribe", ...stripe });
    expect(ledger.crowded(always, 9000)).toEqual([]);
    ledger.said(B, A, accept);
    ledger.crowded((peer) => peer !== C, 9000);
    expect(ledger.crowded(always, 20_000)).toEqual([]);
  });

  it("do not come back with a link that was closed and opened again", () => {
    // Peers that lost sight of each other for a moment counted as parents twice.
    const ledger = new ParentLedger();
    for (const parent of [B, C]) ledger.said(parent, A, accept);
    ledger.crowded(always, 1000);
    ledger.parted(B, A);
    expect(ledger.crowded(always, 9000)).toEqual([]);
  });
});
