import { describe, expect, it } from "vitest";
import {
  type PeerId,
  type PeerMessage,
  type PeerRecord,
  peerIdFromBytes,
  type Role,
  type SignedPeerRecord,
} from "#protocol";
import type { MeshAction } from "./events.ts";
import { Exchange } from "./exchange.ts";

const id = (n: number): PeerId => peerIdFromBytes(new Uint8Array(10).fill(n));
const [ME, NINA, BERT, CARL] = [id(1), id(2), id(3), id(4)];
/** Source clock minus local clock. */
const OFFSET_MS = 1_000_000;
const BODY = Uint8Array.of(0x7b, 0x7d);

/** Good until `untilMs` of the local clock. */
function record(peerId: PeerId, role: Role = "viewer", untilMs = 600_000): SignedPeerRecord {
  return { peerId, role, expiresAtMs: OFFSET_MS + untilMs, signature: new Uint8Array(64) };
}

/** An exchange whose neighbors are verified members, and what it said. */
class Rig {
  readonly sent: { to: PeerId; message: PeerMessage }[] = [];
  readonly actions: MeshAction[] = [];
  readonly exchange: Exchange;

  constructor(neighbors: readonly PeerId[] = [], role: Role = "viewer") {
    this.exchange = new Exchange({
      self: ME,
      random: () => 0,
      sourceOffsetMs: () => OFFSET_MS,
      send: (to, message) => this.sent.push({ to, message }),
      emit: (action) => this.actions.push(action),
    });
    this.exchange.setOwn(record(ME), 0);
    for (const peer of neighbors) this.join(record(peer, role));
  }

  join(member: SignedPeerRecord): void {
    this.exchange.connected(member.peerId, 0);
    this.exchange.verified(member.peerId, [member], 0);
    this.sent.length = 0;
  }

  receive(from: PeerId, message: Parameters<Exchange["received"]>[1], nowMs = 0): void {
    this.exchange.received(from, message, nowMs);
  }

  /** Messages and actions since the last call. */
  take() {
    return [...this.sent.splice(0), ...this.actions.splice(0)];
  }
}

describe("telling who we are", () => {
  it("shows our record to each neighbor, to the new ones and again when it was renewed", () => {
    const rig = new Rig([NINA]);
    rig.exchange.connected(BERT, 0);
    expect(rig.take()).toEqual([{ to: BERT, message: { type: "member", record: record(ME) } }]);
    const renewed = record(ME, "viewer", 900_000);
    rig.exchange.setOwn(renewed, 1);
    expect(rig.take()).toEqual([
      { to: NINA, message: { type: "member", record: renewed } },
      { to: BERT, message: { type: "member", record: renewed } },
    ]);
  });

  it("has a neighbor's record verified, once in five seconds", () => {
    const rig = new Rig();
    rig.exchange.connected(NINA, 0);
    rig.take();
    const verify = { type: "verify-records", from: NINA, records: [record(NINA)] };
    rig.receive(NINA, { type: "member", record: record(NINA) }, 10);
    expect(rig.take()).toEqual([verify]);
    rig.receive(NINA, { type: "member", record: record(NINA) }, 5009);
    expect(rig.take()).toEqual([]);
    rig.receive(NINA, { type: "member", record: record(NINA) }, 5010);
    expect(rig.take()).toEqual([verify]);
    expect(rig.exchange.ignoredCount).toBe(1);
  });

  it("has it verified again when we are a member anew: the tracker's key may be another", () => {
    const rig = new Rig();
    for (const peer of [NINA, BERT, CARL]) rig.exchange.connected(peer, 0);
    for (const peer of [NINA, BERT]) rig.receive(peer, { type: "member", record: record(peer) });
    const [first] = rig.actions as Extract<MeshAction, { type: "verify-records" }>[];
    rig.exchange.verified(NINA, first?.records ?? [], 0);
    rig.take();
    rig.exchange.setOwn(record(ME), 1);
    expect(rig.actions).toEqual([{ type: "verify-records", from: BERT, records: [record(BERT)] }]);
  });

  it("ignores a neighbor that shows somebody else's record", () => {
    const rig = new Rig([NINA]);
    rig.receive(NINA, { type: "member", record: record(BERT) }, 9000);
    expect(rig.take()).toEqual([]);
    expect(rig.exchange.ignoredCount).toBe(1);
  });
});

describe("naming neighbors to others", () => {
  const find = { type: "find", want: 8 } as const;

  it("names those whose record is verified and lasts, the seeder too, and not the asker", () => {
    const rig = new Rig([NINA, BERT]);
    rig.join(record(CARL, "seeder"));
    rig.join(record(id(5), "viewer", 20_000));
    rig.join(record(id(6), "viewer", 20_001));
    rig.exchange.connected(id(7), 0);
    rig.take();
    rig.receive(NINA, find);
    expect(rig.take()).toEqual([
      {
        to: NINA,
        message: {
          type: "peers",
          records: [record(BERT), record(CARL, "seeder"), record(id(6), "viewer", 20_001)],
        },
      },
    ]);
  });

  it("names no more than were asked for, and no more than eight", () => {
    const rig = new Rig(Array.from({ length: 14 }, (_, n) => id(10 + n)));
    const named = (want: number, nowMs: number): number => {
      rig.receive(id(10), { type: "find", want }, nowMs);
      const message = rig.sent.pop()?.message;
      return message?.type === "peers" ? new Set(message.records).size : -1;
    };
    expect([named(3, 0), named(8, 10_000), named(200, 20_000)]).toEqual([3, 8, 8]);
  });

  it("answers a neighbor once in four seconds, and others meanwhile", () => {
    const rig = new Rig([NINA, BERT]);
    rig.receive(NINA, find, 100);
    rig.receive(NINA, find, 4099);
    rig.receive(BERT, find, 4099);
    rig.receive(NINA, find, 4100);
    expect(rig.sent.map(({ to }) => to)).toEqual([NINA, BERT, NINA]);
    expect(rig.exchange.ignoredCount).toBe(1);
  });

  it("forgets neighbors that are gone", () => {
    const rig = new Rig([NINA, BERT]);
    rig.exchange.gone(BERT, 0);
    rig.receive(NINA, find);
    expect(rig.take()).toEqual([{ to: NINA, message: { type: "peers", records: [] } }]);
  });
});

describe("asking neighbors for peers", () => {
  const asked = (rig: Rig, missing: number, nowMs: number): unknown[] => {
    rig.exchange.housekeep(missing, nowMs);
    return rig.take();
  };
  const found = (want: number) => [{ to: NINA, message: { type: "find", want } }];

  it("gives the tracker two seconds, and not a millisecond less", () => {
    const rig = new Rig([NINA]);
    expect(asked(rig, 3, 1000)).toEqual([]);
    expect(rig.exchange.dueAtMs).toBe(3000);
    expect(asked(rig, 3, 2999)).toEqual([]);
    expect(asked(rig, 3, 3000)).toEqual(found(3));
  });

  it("gives it two more when it named somebody, and starts anew after there were enough", () => {
    const rig = new Rig([NINA]);
    asked(rig, 3, 0);
    rig.exchange.trackerHelped(1500);
    expect(asked(rig, 3, 3499)).toEqual([]);
    expect(asked(rig, 0, 3500)).toEqual([]);
    expect(rig.exchange.dueAtMs).toBe(5500);
    expect(asked(rig, 3, 4000)).toEqual([]);
    expect(asked(rig, 3, 6000)).toEqual(found(3));
  });

  it("asks one at a time, two seconds apart, and the same one only after five", () => {
    const rig = new Rig([NINA, BERT]);
    asked(rig, 8, 0);
    const tos: [number, PeerId][] = [];
    for (let nowMs = 0; nowMs <= 7000; nowMs += 100) {
      rig.exchange.housekeep(20, nowMs);
      // Somebody new each time, so that it goes on asking.
      for (const { to } of rig.sent.splice(0)) {
        tos.push([nowMs, to]);
        rig.exchange.verified(to, [record(id(99))], nowMs);
      }
    }
    expect(tos).toEqual([
      [2000, NINA],
      [4000, BERT],
      [7000, NINA],
    ]);
  });

  it("asks ever more seldom while nobody new is named, and soon again when a neighbor is lost", () => {
    const rig = new Rig([NINA, BERT]);
    const askedAtMs: number[] = [];
    const runUntil = (untilMs: number, fromMs: number) => {
      for (let nowMs = fromMs; nowMs < untilMs; nowMs += 500) {
        if (asked(rig, 4, nowMs).length > 0) askedAtMs.push(nowMs);
      }
    };
    runUntil(60_000, 0);
    expect(askedAtMs).toEqual([2000, 4000, 8000, 16_000, 32_000]);
    rig.exchange.gone(BERT, 60_000);
    runUntil(61_000, 60_000);
    expect(askedAtMs.at(-1)).toBe(60_000);
  });

  it("asks nobody while it could not show a record of its own", () => {
    const rig = new Rig([NINA]);
    rig.exchange.setOwn(record(ME, "viewer", 1999), 0);
    asked(rig, 3, 0);
    expect(asked(rig, 3, 2000)).toEqual([]);
    expect(rig.exchange.dueAtMs).toBe(Number.POSITIVE_INFINITY);
    rig.exchange.setOwn(record(ME), 2500);
    rig.take();
    expect(rig.exchange.dueAtMs).toBe(2500);
    expect(asked(rig, 3, 2500)).toEqual(found(3));
  });

  it("asks only neighbors that are members themselves", () => {
    const rig = new Rig();
    rig.exchange.connected(NINA, 0);
    rig.take();
    asked(rig, 3, 0);
    expect(asked(rig, 3, 9000)).toEqual([]);
    rig.exchange.verified(NINA, [record(NINA)], 9000);
    expect(rig.exchange.dueAtMs).toBe(9000);
    expect(asked(rig, 3, 9000)).toEqual(found(3));
  });
});

describe("the answer", () => {
  function askedRig(neighbors: PeerId[] = [NINA]): Rig {
    const rig = new Rig(neighbors);
    rig.exchange.housekeep(4, 0);
    rig.exchange.housekeep(4, 2000);
    expect(rig.take()).toMatchObject([{ to: NINA, message: { type: "find" } }]);
    return rig;
  }
  const peers = (...records: SignedPeerRecord[]) => ({ type: "peers", records }) as const;

  it("is verified, and leads to candidates that can be reached over the one who named them", () => {
    const rig = askedRig();
    rig.receive(NINA, peers(record(BERT), record(CARL, "seeder")), 2100);
    const records = [record(BERT), record(CARL, "seeder")];
    expect(rig.take()).toEqual([{ type: "verify-records", from: NINA, records }]);
    expect(rig.exchange.verified(NINA, records.slice(1), 2200)).toEqual([
      { record: { peerId: CARL, role: "seeder" } satisfies PeerRecord, via: NINA },
    ]);
  });

  it("causes at most four checks and dials, of strangers only", () => {
    const rig = askedRig([NINA, BERT]);
    const old = record(id(20), "viewer", 2100);
    const many = [21, 21, 22, 23, 24].map((n) => record(id(n)));
    rig.receive(NINA, peers(record(ME), record(NINA), record(BERT), old, ...many), 2100);
    expect(rig.take()).toEqual([
      {
        type: "verify-records",
        from: NINA,
        records: [21, 22, 23, 24].map((n) => record(id(n))),
      },
    ]);
    const more = [25, 26, 27, 28, 29].map((n) => record(id(n)));
    const next = askedRig();
    next.receive(NINA, peers(...more), 2100);
    expect(next.take()).toMatchObject([{ records: more.slice(0, 4) }]);
  });

  it("is ignored when nobody asked, the second time, from another one, and when it is late", () => {
    const unasked = new Rig([NINA]);
    unasked.receive(NINA, peers(record(BERT)));
    expect(unasked.take()).toEqual([]);
    expect(unasked.exchange.ignoredCount).toBe(1);

    const rig = askedRig([NINA, BERT]);
    rig.receive(BERT, peers(record(CARL)), 2100);
    expect(rig.take()).toEqual([]);
    rig.receive(NINA, peers(record(CARL)), 2100);
    rig.take();
    rig.receive(NINA, peers(record(id(9))), 2100);
    expect(rig.take()).toEqual([]);
    expect(rig.exchange.ignoredCount).toBe(2);

    const late = askedRig();
    late.receive(NINA, peers(record(BERT)), 12_001);
    expect(late.take()).toEqual([]);
    const inTime = askedRig();
    inTime.receive(NINA, peers(record(BERT)), 12_000);
    expect(inTime.take()).toHaveLength(1);
  });

  it("leads to nobody who has become a neighbor meanwhile", () => {
    const rig = askedRig();
    rig.receive(NINA, peers(record(BERT)), 2100);
    rig.exchange.connected(BERT, 2150);
    expect(rig.exchange.verified(NINA, [record(BERT)], 2200)).toEqual([]);
  });

  it("leads to nobody when the one who gave it has gone", () => {
    const rig = askedRig();
    rig.receive(NINA, peers(record(BERT)), 2100);
    rig.exchange.gone(NINA, 2100);
    expect(rig.exchange.verified(NINA, [record(BERT)], 2200)).toEqual([]);
  });
});

describe("negotiation over neighbors", () => {
  const signal = (from: PeerId, to: PeerId, body: Uint8Array = BODY) =>
    ({ type: "signal", to, from: record(from), body }) as const;

  it("goes out over the neighbor that knows the other side", () => {
    const rig = new Rig([NINA]);
    rig.exchange.signalOut(NINA, BERT, BODY);
    expect(rig.take()).toEqual([{ to: NINA, message: signal(ME, BERT) }]);
    rig.exchange.signalOut(CARL, BERT, BODY);
    expect(rig.take()).toEqual([]);
  });

  it("is passed on unchanged between two neighbors", () => {
    const rig = new Rig([NINA, BERT]);
    rig.receive(NINA, signal(NINA, BERT));
    rig.receive(BERT, signal(BERT, NINA));
    expect(rig.take()).toEqual([
      { to: BERT, message: signal(NINA, BERT) },
      { to: NINA, message: signal(BERT, NINA) },
    ]);
    expect(rig.exchange.forwardedCount).toBe(2);
  });

  it("is not passed on for somebody else, to a stranger, or back", () => {
    const rig = new Rig([NINA, BERT]);
    rig.receive(NINA, signal(CARL, BERT));
    rig.receive(NINA, signal(NINA, CARL));
    rig.receive(NINA, signal(NINA, NINA));
    expect(rig.take()).toEqual([]);
    expect(rig.exchange.ignoredCount).toBe(3);
  });

  it("is handed over when it is for us, but not from a neighbor or from ourselves", () => {
    const rig = new Rig([NINA, BERT]);
    rig.receive(NINA, signal(CARL, ME));
    expect(rig.take()).toEqual([
      { type: "receive-signal", via: NINA, from: record(CARL), body: BODY },
    ]);
    for (const from of [BERT, NINA, ME]) rig.receive(NINA, signal(from, ME));
    expect(rig.take()).toEqual([]);
    expect(rig.exchange.ignoredCount).toBe(3);
  });

  it("is taken from one neighbor 64 at once and eight a second, whomever it is for", () => {
    const rig = new Rig([NINA, BERT]);
    const burst = (nowMs: number) => {
      for (let i = 0; i < 100; i++)
        rig.receive(NINA, signal(i % 2 ? NINA : CARL, i % 2 ? BERT : ME), nowMs);
      return rig.take().length;
    };
    expect([burst(0), burst(0), burst(1000)]).toEqual([64, 0, 8]);
    rig.receive(BERT, signal(BERT, NINA), 1000);
    expect(rig.take()).toHaveLength(1);
  });

  it("costs its sender by size where it is large", () => {
    const rig = new Rig([NINA, BERT]);
    for (let i = 0; i < 20; i++) rig.receive(NINA, signal(NINA, BERT, new Uint8Array(15 * 1024)));
    expect(rig.take()).toHaveLength(5);
  });
});
