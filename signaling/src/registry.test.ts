import { beforeEach, describe, expect, it } from "vitest";
import type { Role, StreamDescriptor } from "#protocol";
import { DEFAULT_REGISTRY_LIMITS, type RegistryLimits } from "./limits.ts";
import { Registry } from "./registry.ts";
import { seededRandom, testPeerId } from "./testing/peer-ids.ts";
import { TestPublisher } from "./testing/test-publisher.ts";

const OFFER = { type: "offer", sdp: "v=0" } as const;
const publisher = new TestPublisher();
const { streamId } = publisher;

let registry: Registry;
beforeEach(() => {
  registry = registryWith({});
});

function registryWith(limits: Partial<RegistryLimits>): Registry {
  return new Registry({
    limits: { ...DEFAULT_REGISTRY_LIMITS, ...limits },
    graceMs: 60_000,
    random: seededRandom(11),
  });
}

function publish(socketId: string, change: Partial<StreamDescriptor> = {}, by = publisher) {
  const descriptor = by.describe(change);
  return registry.publish(socketId, descriptor, by.sign(descriptor));
}

function announce(socketId: string, number: number, role: Role = "viewer", want = 8) {
  return registry.announce(socketId, { streamId, peerId: testPeerId(number), role, want });
}

function peersOf(outcome: { reply: object }): string[] {
  const peers = "peers" in outcome.reply ? outcome.reply.peers : undefined;
  return (peers as { peerId: string }[]).map(({ peerId }) => peerId);
}

function codeOf(outcome: { reply: { ok: boolean } }): string {
  return "code" in outcome.reply ? String(outcome.reply.code) : "ok";
}

describe("announcing", () => {
  it("is refused for a stream nobody publishes", () => {
    expect(codeOf(announce("s1", 1))).toBe("unknown-stream");
  });

  it("introduces the seeder and the viewers to a newcomer", () => {
    publish("p");
    announce("p", 0, "seeder", 0);
    announce("s1", 1);
    const outcome = announce("s2", 2);
    expect(outcome.reply).toMatchObject({ ok: true, viewers: 2 });
    expect(peersOf(outcome)).toEqual([testPeerId(0), testPeerId(1)]);
    expect(outcome.deliveries).toEqual([]);
  });

  it("always names the seeder, and never more peers than one answer may hold", () => {
    publish("p");
    announce("p", 0, "seeder", 0);
    for (let i = 1; i <= 40; i++) announce(`s${i}`, i);
    const peers = peersOf(announce("s41", 41, "viewer", 16));
    expect(peers).toHaveLength(16);
    expect(peers[0]).toBe(testPeerId(0));
    expect(peersOf(announce("s42", 42, "viewer", 0))).toEqual([testPeerId(0)]);
  });

  it("takes the role of seeder only from the socket that publishes the stream", () => {
    publish("p");
    expect(codeOf(announce("s1", 1, "seeder"))).toBe("not-allowed");
    expect(codeOf(announce("p", 0, "seeder"))).toBe("ok");
  });

  it("refuses a peer id another socket holds, until that socket is gone", () => {
    publish("p");
    announce("s1", 1);
    expect(codeOf(announce("s2", 1))).toBe("peer-id-taken");
    registry.disconnected("s1", 0);
    expect(codeOf(announce("s2", 1))).toBe("ok");
  });

  it("again keeps the place; as somebody else, or in another stream, ends it", () => {
    const other = new TestPublisher();
    publish("p");
    publish("q", {}, other);
    announce("s1", 1);
    announce("s1", 1);
    expect(registry.stream(streamId)?.swarm.viewerCount).toBe(1);
    announce("s1", 2);
    expect(registry.stream(streamId)?.swarm.get(testPeerId(1))).toBeUndefined();
    registry.announce("s1", {
      streamId: other.streamId,
      peerId: testPeerId(2),
      role: "viewer",
      want: 0,
    });
    expect(registry.stream(streamId)?.swarm.size).toBe(0);
    expect(registry.stream(other.streamId)?.swarm.size).toBe(1);
  });

  it("is refused when the swarm is full, which the seeder is not held to", () => {
    registry = registryWith({ peersPerStream: 2 });
    publish("p");
    announce("s1", 1);
    announce("s2", 2);
    expect(codeOf(announce("s3", 3))).toBe("full");
    expect(codeOf(announce("s2", 2))).toBe("ok");
    expect(codeOf(announce("p", 0, "seeder"))).toBe("ok");
  });

  it("tells viewers of a seeder that came back, but not those it dials itself", () => {
    publish("p");
    for (let i = 1; i <= 10; i++) announce(`s${i}`, i);
    const outcome = announce("p", 0, "seeder", 4);
    const dialed = peersOf(outcome);
    expect(dialed).toHaveLength(4);
    const [delivery] = outcome.deliveries;
    expect(delivery?.event).toBe("introduce");
    expect(delivery?.message).toEqual({ peers: [{ peerId: testPeerId(0), role: "seeder" }] });
    expect(delivery?.to).toHaveLength(6);
    expect(announce("p", 0, "seeder", 0).deliveries).toEqual([]);
  });
});

describe("finding peers", () => {
  it("needs an announce first", () => {
    expect(codeOf(registry.findPeers("s1", 4))).toBe("not-announced");
  });

  it("names others and the seeder", () => {
    publish("p");
    announce("p", 0, "seeder", 0);
    for (let i = 1; i <= 6; i++) announce(`s${i}`, i);
    const peers = peersOf(registry.findPeers("s1", 3));
    expect(peers).toHaveLength(4);
    expect(peers).toContain(testPeerId(0));
    expect(peers).not.toContain(testPeerId(1));
  });
});

describe("relaying", () => {
  beforeEach(() => {
    publish("p");
    announce("s1", 1);
    announce("s2", 2);
  });

  it("goes both ways between peers of which one was told of the other", () => {
    const there = registry.relay("s2", testPeerId(1), OFFER);
    expect(there).toEqual({
      reply: { ok: true },
      deliveries: [
        {
          to: ["s1"],
          event: "relay",
          message: { from: { peerId: testPeerId(2), role: "viewer" }, signal: OFFER },
        },
      ],
    });
    expect(codeOf(registry.relay("s1", testPeerId(2), OFFER))).toBe("ok");
  });

  it("is refused to strangers, to those who left, and from those who did not announce", () => {
    announce("s3", 3, "viewer", 0);
    expect(codeOf(registry.relay("s3", testPeerId(1), OFFER))).toBe("not-allowed");
    expect(codeOf(registry.relay("s9", testPeerId(1), OFFER))).toBe("not-announced");
    registry.leave("s1");
    expect(codeOf(registry.relay("s2", testPeerId(1), OFFER))).toBe("not-allowed");
  });

  it("does not cross from one stream to another", () => {
    const other = new TestPublisher();
    publish("q", {}, other);
    registry.announce("s3", {
      streamId: other.streamId,
      peerId: testPeerId(3),
      role: "viewer",
      want: 8,
    });
    expect(codeOf(registry.relay("s3", testPeerId(1), OFFER))).toBe("not-allowed");
  });

  it("forgets the oldest introductions when there are too many", () => {
    registry = registryWith({ introductionsPerPeer: 2 });
    publish("p");
    for (let i = 1; i <= 3; i++) announce(`s${i}`, i, "viewer", 0);
    announce("s9", 9, "viewer", 16);
    const allowed = [1, 2, 3].filter(
      (i) => codeOf(registry.relay("s9", testPeerId(i), OFFER)) === "ok",
    );
    expect(allowed).toHaveLength(2);
  });
});

describe("publishing", () => {
  it("lists the stream until its publisher says that it is over", () => {
    publish("p");
    expect(registry.listed().map(({ descriptor }) => descriptor.streamId)).toEqual([streamId]);
    expect(codeOf(registry.unpublish("x", streamId, 0))).toBe("not-allowed");
    expect(codeOf(registry.unpublish("p", streamId, 0))).toBe("ok");
    expect(registry.listed()).toEqual([]);
  });

  it("refuses an older revision, and other words under the same one", () => {
    publish("p", { revision: 5 });
    expect(codeOf(publish("p", { revision: 4 }))).toBe("not-allowed");
    expect(codeOf(publish("p", { revision: 5, title: "Other" }))).toBe("not-allowed");
    expect(codeOf(publish("p", { revision: 5 }))).toBe("ok");
    expect(codeOf(publish("p", { revision: 6, title: "Other" }))).toBe("ok");
  });

  it("tells the swarm of a change, and of nothing else", () => {
    publish("p", { revision: 5 });
    announce("p", 0, "seeder", 0);
    announce("s1", 1);
    announce("s2", 2);
    expect(publish("p", { revision: 5 }).deliveries).toEqual([]);
    const [delivery] = publish("p", { revision: 6, isLive: false }).deliveries;
    expect(delivery?.event).toBe("descriptor");
    expect(delivery?.to).toEqual(["s1", "s2"]);
  });

  it("is taken over by a second socket with the key; the first may do nothing more", () => {
    publish("p");
    announce("p", 0, "seeder", 0);
    announce("s1", 1);
    expect(codeOf(publish("q", { revision: 2 }))).toBe("ok");
    expect(registry.stream(streamId)?.swarm.seeder).toBeUndefined();
    expect(codeOf(registry.unpublish("p", streamId, 0))).toBe("not-allowed");
    expect(codeOf(announce("p", 0, "seeder", 0))).toBe("not-allowed");
    // The same peer id on a new socket: a seeder that reconnected.
    const back = announce("q", 0, "seeder", 0);
    expect(back.deliveries).toEqual([
      {
        to: ["s1"],
        event: "introduce",
        message: { peers: [{ peerId: testPeerId(0), role: "seeder" }] },
      },
    ]);
    registry.disconnected("p", 0);
    expect(registry.stream(streamId)?.publisher.phase).toBe("here");
  });

  it("keeps the stream listed for the grace period, and the swarm for longer", () => {
    publish("p");
    announce("s1", 1);
    registry.disconnected("p", 1000);
    registry.sweep(60_999);
    expect(registry.stream(streamId)?.publisher.phase).toBe("gone");
    expect(codeOf(announce("s2", 2))).toBe("ok");
    registry.sweep(61_000);
    expect(registry.stream(streamId)).toBeUndefined();
    expect(codeOf(announce("s3", 3))).toBe("unknown-stream");
    expect(peersOf(registry.findPeers("s1", 8))).toEqual([testPeerId(2)]);
    // Who waited is still there when the publisher comes back.
    publish("p2", { revision: 9 });
    expect(announce("p2", 0, "seeder", 0).deliveries[0]?.to).toHaveLength(2);
  });

  it("forgets an ended stream once nobody is left", () => {
    publish("p", { revision: 5 });
    announce("s1", 1);
    registry.disconnected("p", 0);
    registry.disconnected("s1", 0);
    registry.sweep(60_000);
    expect(codeOf(publish("p", { revision: 1 }))).toBe("ok");
  });

  it("is bounded per socket and in all; ended streams make room", () => {
    registry = registryWith({ streams: 3, streamsPerSocket: 2 });
    const publishers = Array.from({ length: 5 }, () => new TestPublisher());
    const [a, b, c, d, e] = publishers.map((by) => (socket: string) => publish(socket, {}, by));
    expect([a?.("p"), b?.("p"), c?.("p")].map((o) => o && codeOf(o))).toEqual([
      "ok",
      "ok",
      "too-many",
    ]);
    expect([c?.("q"), d?.("q")].map((o) => o && codeOf(o))).toEqual(["ok", "full"]);
    registry.unpublish("p", publishers[0]?.streamId ?? streamId, 0);
    expect(e && codeOf(e("q"))).toBe("ok");
  });

  it("takes statistics only from the publisher", () => {
    publish("p");
    const bytes = { copy: 10, seeder: 20, origin: 30, control: 40 };
    const stats = { streamId, chunks: 1, blocks: 2, bytes };
    expect(registry.notePublisherStats("x", stats)).toBe(false);
    expect(registry.notePublisherStats("p", stats)).toBe(true);
    expect(registry.stream(streamId)?.stats).toEqual(stats);
  });
});

describe("a report that a peer sent forged blocks", () => {
  const from = (socketId: string, number: number, network: string) =>
    registry.announce(
      socketId,
      { streamId, peerId: testPeerId(number), role: "viewer", want: 16 },
      { network },
    );
  /** Twenty viewers of as many networks; the tenth is accused. */
  const town = () => {
    publish("p");
    announce("p", 0, "seeder", 0);
    for (let number = 1; number <= 20; number++) from(`s${number}`, number, `network ${number}`);
    for (let number = 1; number <= 20; number++) from(`s${number}`, number, `network ${number}`);
  };
  const accused = testPeerId(10);
  const namings = () => {
    let named = 0;
    for (let number = 30; number < 60; number++) {
      const asked = { streamId, peerId: testPeerId(number), role: "viewer", want: 5 } as const;
      if (peersOf(registry.announce(`late ${number}`, asked)).includes(accused)) named++;
      registry.disconnected(`late ${number}`, 0);
    }
    return named;
  };
  /** Some of those the accused peer was introduced to. */
  const reporters = () =>
    [...Array(20).keys()]
      .map((index) => `s${index + 1}`)
      .filter((socketId) => codeOf(registry.report(socketId, accused)) === "ok");

  it("changes nothing while fewer than three networks make it, however often", () => {
    town();
    for (let i = 0; i < 50; i++) registry.report("s1", accused);
    for (let number = 70; number < 90; number++) {
      from(`liar ${number}`, number, "network 1");
      registry.report(`liar ${number}`, accused);
    }
    expect(registry.suspectCount()).toBe(0);
    expect(namings()).toBeGreaterThan(0);
  });

  it("by three networks has it introduced last, and expels it from nothing", () => {
    town();
    expect(reporters().length).toBeGreaterThan(2);
    expect(registry.suspectCount()).toBe(1);
    expect(namings()).toBe(0);
    const own = registry.findPeers("s10", 8);
    expect(peersOf(own).length).toBeGreaterThanOrEqual(8);
  });

  it("counts from nobody who was not introduced, nor against the seeder, nor oneself", () => {
    town();
    from("stranger", 99, "network 99");
    registry.disconnected("s20", 0);
    expect(codeOf(registry.report("stranger", testPeerId(20)))).toBe("not-allowed");
    expect(codeOf(registry.report("s1", testPeerId(1)))).toBe("not-allowed");
    for (let number = 1; number <= 9; number++) registry.report(`s${number}`, testPeerId(0));
    expect(registry.suspectCount()).toBe(0);
  });

  it("by a peer under suspicion itself counts for nothing", () => {
    town();
    reporters();
    for (let number = 1; number <= 2; number++) registry.report("s10", testPeerId(number));
    expect(registry.suspectCount()).toBe(1);
  });
});
