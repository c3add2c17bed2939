import { describe, expect, it } from "vitest";
import type { PeerMessage } from "#protocol";
import { wireBytes } from "./network.ts";
import { NetworkRig, type RecordingHost } from "./testing/recording-host.ts";

const MESSAGE: PeerMessage = { type: "ping", token: 1 };
const SIZE = 1000;
/** Of one message of that size on 8 Mbit/s. */
const TRANSFER_MS = wireBytes(SIZE) / 1000;

function send(
  rig: NetworkRig,
  from: RecordingHost,
  to: RecordingHost,
  count = 1,
  size = SIZE,
): void {
  for (let i = 0; i < count; i++) rig.network.send(from.host, to.host.peer, MESSAGE, size);
}

/** How long after now the messages arrived. */
function delaysMs(rig: NetworkRig, to: RecordingHost, act: () => void): number[] {
  const startMs = rig.nowMs;
  act();
  rig.run();
  return to.arrivals.map(({ atMs }) => atMs - startMs);
}

describe("a message", () => {
  it("takes its transfer on the uplink and the way", () => {
    const rig = new NetworkRig();
    const [a, b] = rig.pair();
    const [delayMs] = delaysMs(rig, b, () => send(rig, a, b));
    expect(delayMs).toBeCloseTo(TRANSFER_MS + 10, 6);
  });

  it("waits for those before it: an uplink sends one at a time, to whomever", () => {
    const rig = new NetworkRig();
    const [a, b] = rig.pair();
    const c = rig.host();
    rig.network.connect(a.host, c.host, 0, () => {});
    rig.run();
    const delays = delaysMs(rig, c, () => {
      send(rig, a, b, 3);
      send(rig, a, c);
    });
    expect(delays[0]).toBeCloseTo(4 * TRANSFER_MS + 10, 6);
  });

  it("waits for others on a downlink that is slower than what comes", () => {
    const rig = new NetworkRig();
    const [a, b] = rig.pair({}, { downlinkBps: 800_000 });
    const delays = delaysMs(rig, b, () => send(rig, a, b, 3));
    const gapMs = (delays[2] ?? 0) - (delays[1] ?? 0);
    expect(gapMs).toBeCloseTo(10 * TRANSFER_MS, 6);
  });

  it("comes later when packets are lost, and comes", () => {
    const calm = new NetworkRig();
    const [a, b] = calm.pair();
    const [calmMs = 0] = delaysMs(calm, b, () => send(calm, a, b));
    const lossy = new NetworkRig({ packetLoss: 0.5 });
    const [c, d] = lossy.pair();
    const delays: number[] = [];
    for (let i = 0; i < 50; i++) {
      d.arrivals.length = 0;
      delays.push(...delaysMs(lossy, d, () => send(lossy, c, d)));
    }
    expect(delays).toHaveLength(50);
    expect(Math.min(...delays)).toBeCloseTo(calmMs, 6);
    expect(Math.max(...delays)).toBeGreaterThan(calmMs + 200);
  });

  it("takes more round trips while the window is smaller than it", () => {
    const rig = new NetworkRig();
    const [a, b] = rig.pair();
    const sizeBytes = 16 * 1024;
    const transferMs = wireBytes(sizeBytes) / 1000;
    const delays = delaysMs(rig, b, () => send(rig, a, b, 1, sizeBytes));
    expect(delays[0]).toBeCloseTo(transferMs + 10 + 20, 6);
    b.arrivals.length = 0;
    expect(delaysMs(rig, b, () => send(rig, a, b, 1, sizeBytes))[0]).toBeCloseTo(
      transferMs + 10,
      6,
    );
  });

  it("is accounted for, whatever becomes of it", () => {
    const rig = new NetworkRig();
    const [a, b] = rig.pair();
    send(rig, a, b, 200, 16 * 1024);
    const { bytes } = rig.network;
    expect(bytes.sent).toBe(200 * 16 * 1024);
    expect(bytes.lost).toBeGreaterThan(0);
    rig.run(rig.nowMs + 100);
    expect(bytes.received + bytes.lost + bytes.underWay).toBe(bytes.sent);
    rig.network.vanish(b.host);
    rig.run();
    expect(bytes.underWay).toBe(0);
    expect(bytes.received + bytes.lost).toBe(bytes.sent);
  });
});

describe("a link", () => {
  it("tells when too much waits in it, and when it has gone", () => {
    const rig = new NetworkRig();
    const [a, b] = rig.pair();
    send(rig, a, b, 3, 16 * 1024);
    rig.run();
    expect(a.notices).toEqual([]);
    send(rig, a, b, 6, 16 * 1024);
    rig.run();
    expect(a.notices).toEqual(["congested", "drained"]);
  });

  it("holds a bounded number of bytes", () => {
    const rig = new NetworkRig();
    const [a, b] = rig.pair();
    send(rig, a, b, 100, 16 * 1024);
    for (const { bufferedBytes } of a.host.links.values()) {
      expect(bufferedBytes).toBeLessThanOrEqual(1024 * 1024);
    }
  });

  it("takes five round trips to open, and longer to fail between two hard NATs", () => {
    const rig = new NetworkRig();
    const outcomes: [string, boolean, number][] = [];
    const dial = (name: string, isHard: [boolean, boolean]) => {
      const [a, b] = isHard.map((isHardNat) => rig.host({ isHardNat }));
      if (a === undefined || b === undefined) return;
      rig.network.connect(a.host, b.host, 40, (isOpen) => outcomes.push([name, isOpen, rig.nowMs]));
    };
    dial("one hard", [true, false]);
    dial("both hard", [true, true]);
    rig.run();
    expect(outcomes).toEqual([
      ["one hard", true, 40 + 5 * 20],
      ["both hard", false, 5000],
    ]);
  });

  it("opens between hard NATs of one local network, where it takes a millisecond", () => {
    const rig = new NetworkRig();
    const here = { isHardNat: true, lan: 3 };
    const [a, b] = rig.pair(here, here);
    expect(delaysMs(rig, b, () => send(rig, a, b))[0]).toBeCloseTo(TRANSFER_MS + 1, 6);
  });

  it("is relayed between hard NATs if one of them has TURN: later, further, and counted", () => {
    const rig = new NetworkRig();
    const a = rig.host({ isHardNat: true });
    const b = rig.host({ isHardNat: true, hasTurn: true });
    const openedAtMs: number[] = [];
    rig.network.connect(a.host, b.host, 40, () => openedAtMs.push(rig.nowMs));
    rig.run();
    expect(openedAtMs).toEqual([40 + 3 * 40 + 5 * 80]);
    const [delayMs] = delaysMs(rig, b, () => send(rig, a, b));
    // One packet and its acknowledgement, with four bytes more each.
    const relayedBytes = wireBytes(SIZE) + 8;
    expect(delayMs).toBeCloseTo(relayedBytes / 1000 + 40, 6);
    expect(rig.network.relayedBytes).toBe(relayedBytes);
  });

  it("relays nothing between those who can meet", () => {
    const rig = new NetworkRig();
    const [a, b] = rig.pair({ hasTurn: true, isHardNat: true }, { hasTurn: true });
    send(rig, a, b);
    rig.run();
    expect(rig.network.relayedBytes).toBe(0);
  });

  it("is closed for the other side a little later, and says nothing when a machine vanishes", () => {
    const rig = new NetworkRig();
    const [a, b] = rig.pair();
    rig.network.disconnect(a.host, b.host.peer);
    rig.run();
    expect([a.notices, b.notices]).toEqual([[], ["closed"]]);
    const [c, d] = rig.pair();
    rig.network.vanish(c.host);
    rig.run();
    expect(d.notices).toEqual([]);
  });
});
