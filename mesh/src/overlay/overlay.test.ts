import { describe, expect, it } from "vitest";
import type { PeerId } from "#protocol";
import type { MeshAction } from "../events.ts";
import type { MeshEngineConfig } from "../mesh-engine.ts";
import { EngineRig, testDescriptor, testPeerId } from "../testing/index.ts";

const me = testPeerId("me");
const peers = (count: number): PeerId[] =>
  Array.from({ length: count }, (_, i) => testPeerId(`p${"abcdefghijklmnopqrstuvwxyz"[i]}`));

function rigOf(overlay: string, config: Partial<MeshEngineConfig> = {}): EngineRig {
  // Without trees every neighbor is unbound.
  const descriptor = testDescriptor({ overlay, scheduler: "deadline-pull" });
  return new EngineRig({ descriptor, ...config });
}

function introduce(rig: EngineRig, ids: readonly PeerId[]): MeshAction[] {
  const records = ids.map((peerId) => ({ peerId, role: "viewer" as const }));
  return rig.feed({ type: "peers-introduced", peers: records });
}

function dialed(actions: readonly MeshAction[]): PeerId[] {
  return actions.flatMap((action) => (action.type === "connect" ? [action.peer] : []));
}

function dropped(actions: readonly MeshAction[]): PeerId[] {
  return actions.flatMap((action) => (action.type === "disconnect" ? [action.peer] : []));
}

/** Virtual time with answering neighbors: each pong takes its neighbor's round trip.
 * @param before Actions whose pings are to be answered as well. */
function live(
  rig: EngineRig,
  forMs: number,
  rttMs: (peer: PeerId) => number,
  before: MeshAction[] = [],
): MeshAction[] {
  const all: MeshAction[] = [];
  const pongs: { atMs: number; from: PeerId; token: number }[] = [];
  const note = (actions: MeshAction[]) => {
    all.push(...actions);
    for (const action of actions) {
      if (action.type !== "send" || action.message.type !== "ping") continue;
      const { token } = action.message;
      pongs.push({ atMs: rig.nowMs + rttMs(action.to), from: action.to, token });
    }
  };
  note(before);
  for (const endMs = rig.nowMs + forMs; rig.nowMs < endMs; ) {
    note(rig.runUntil(rig.nowMs + 10));
    for (const pong of pongs.filter(({ atMs }) => atMs <= rig.nowMs)) {
      pongs.splice(pongs.indexOf(pong), 1);
      note(rig.message(pong.from, { type: "pong", token: pong.token }));
    }
  }
  return all;
}

/** Eight neighbors, the later the further away; four more are known. */
function settledRig(overlay: string): {
  rig: EngineRig;
  near: PeerId[];
  far: PeerId[];
  others: PeerId[];
  rttMs: (peer: PeerId) => number;
} {
  const rig = rigOf(overlay);
  const all = peers(12);
  const neighbors = all.slice(0, 8);
  const rttMs = (peer: PeerId) => 20 + 20 * all.indexOf(peer);
  const greetings = neighbors.flatMap((peer) => rig.connect(peer));
  live(rig, 6000, rttMs, greetings);
  introduce(rig, all.slice(8));
  return { rig, near: neighbors.slice(0, 6), far: neighbors.slice(6), others: all.slice(8), rttMs };
}

describe("links, whatever the overlay", () => {
  it("are looked for until half of those wanted are our own, however many others dialed us", () => {
    const rig = rigOf("random", { options: { degreeTarget: 4, degreeHigh: 14 } });
    const [a, b, c, d, e, f, g] = peers(7) as [
      PeerId,
      PeerId,
      PeerId,
      PeerId,
      PeerId,
      PeerId,
      PeerId,
    ];
    for (const peer of [a, b, c, d]) rig.connect(peer, { isDialed: false });
    expect(dialed(introduce(rig, [e, f, g]))).toHaveLength(2);
  });

  it("that others open get half of the places, and those we open the rest", () => {
    const rig = rigOf("random", { options: { degreeHigh: 4 } });
    const [a, b, c, d] = peers(4) as [PeerId, PeerId, PeerId, PeerId];
    rig.connect(a, { isDialed: false });
    rig.connect(b, { isDialed: false });
    expect(dropped(rig.connect(c, { isDialed: false }))).toEqual([c]);
    expect(dropped(rig.connect(d, { isDialed: true }))).toEqual([]);
  });

  it("that others open take the place of such a one when it has had its time", () => {
    const rig = rigOf("random", { options: { degreeHigh: 2 } });
    const [a, b] = peers(2) as [PeerId, PeerId];
    const greeting = rig.connect(a, { isDialed: false });
    live(rig, 5000, () => 20, greeting);
    expect(dropped(rig.connect(b, { isDialed: false }))).toEqual([a]);
  });
});

describe("overlay adaptive", () => {
  it("gives up the furthest three of ten after a round, and dials others", () => {
    const { rig, far, others, rttMs } = settledRig("adaptive");
    const actions = live(rig, 7000, rttMs);
    expect(dropped(actions).toSorted()).toEqual(far);
    expect(dialed(actions)).toHaveLength(2);
    for (const peer of dialed(actions)) expect(others).toContain(peer);
  });

  it("gives up nobody while there is nobody else", () => {
    const rig = rigOf("adaptive");
    const greetings = peers(8).flatMap((peer) => rig.connect(peer));
    expect(dropped(live(rig, 30_000, () => 50, greetings))).toEqual([]);
  });

  it("does not dial whom it gave up for others, though the tracker names it again", () => {
    const { rig, far, rttMs } = settledRig("adaptive");
    live(rig, 7000, rttMs);
    expect(dialed(introduce(rig, far))).toEqual([]);
  });
});

describe("overlay random", () => {
  it("keeps whom it has", () => {
    const { rig, rttMs } = settledRig("random");
    expect(dropped(live(rig, 30_000, rttMs))).toEqual([]);
  });
});

describe("overlay nearby", () => {
  it("gives up half in a round, the furthest, but nobody of its own network", () => {
    const { rig, near, far, rttMs } = settledRig("nearby");
    const gone = dropped(live(rig, 7000, rttMs));
    expect(gone).toHaveLength(4);
    expect(gone.toSorted()).toEqual([...near.slice(4), ...far]);
    const local = rigOf("nearby");
    const greetings = peers(8).flatMap((peer) => local.connect(peer));
    live(local, 6000, () => 2, greetings);
    introduce(local, peers(12).slice(8));
    expect(dropped(live(local, 20_000, () => 2))).toEqual([]);
  });
});

describe("overlay static", () => {
  const [a, b, c] = peers(3) as [PeerId, PeerId, PeerId];
  // One link named at our end, one at the other.
  const topology = { [me]: [a], [b]: [me], [c]: [a] };

  it("dials those of the topology and nobody else", () => {
    const rig = rigOf("static", { topology });
    expect(dialed(introduce(rig, [a, b, c]))).toEqual([a, b]);
  });

  it("refuses links that are not in the topology", () => {
    const rig = rigOf("static", { topology });
    expect(dropped(rig.connect(c, { isDialed: false }))).toEqual([c]);
    expect(dropped(rig.connect(b, { isDialed: false }))).toEqual([]);
  });
});

describe("a name that this version does not have", () => {
  it("is an error that says which there are", () => {
    const engineOf = (names: { overlay?: string; scheduler?: string }) => () =>
      new EngineRig({ descriptor: testDescriptor(names) });
    expect(engineOf({ overlay: "ring" })).toThrow(
      new RangeError(
        'the stream asks for overlay "ring", this player has adaptive, random, nearby, static',
      ),
    );
    expect(engineOf({ scheduler: "toString" })).toThrow(
      /scheduler "toString", this player has striped-push, latest-useful-push/,
    );
  });
});
