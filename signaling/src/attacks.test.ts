import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import WebSocket from "ws";
import { IntroductionBudget } from "./introduction-budget.ts";
import { DEFAULT_REGISTRY_LIMITS } from "./limits.ts";
import { Registry } from "./registry.ts";
import { seededRandom, testPeerId } from "./testing/peer-ids.ts";
import { TestPublisher } from "./testing/test-publisher.ts";
import { TestTracker } from "./testing/test-tracker.ts";

const publisher = new TestPublisher();
const { streamId } = publisher;
const OFFER = { type: "offer", sdp: "v=0" };

describe("a crawler after addresses", () => {
  const SWARM = 10_000;

  /** Names it learns in an hour, asking on each socket as often as it may. */
  function crawl(sockets: number, address: string): number {
    const registry = new Registry({
      limits: DEFAULT_REGISTRY_LIMITS,
      graceMs: 60_000,
      random: seededRandom(3),
    });
    const descriptor = publisher.describe();
    registry.publish("p", descriptor, publisher.sign(descriptor));
    const join = (socketId: string, number: number, freshMax: number) =>
      registry.announce(
        socketId,
        { streamId, peerId: testPeerId(number), role: "viewer", want: 16 },
        { freshMax },
      );
    for (let number = 0; number < SWARM; number++) join(`s${number}`, number, 0);
    const budget = new IntroductionBudget();
    const own = Array.from({ length: sockets }, (_, i) => ({
      id: `crawler ${i}`,
      allowance: budget.open(address, 0),
    }));
    const names = new Set<string>();
    for (let second = 0; second < 3600; second += 4) {
      for (const [i, { id, allowance }] of own.entries()) {
        const freshMax = allowance.take(16, 1000 * second);
        if (second > 0 && freshMax === 0) continue;
        const { reply } =
          second === 0 ? join(id, SWARM + i, freshMax) : registry.findPeers(id, 16, freshMax);
        if ("peers" in reply) for (const { peerId } of reply.peers) names.add(peerId);
      }
    }
    return names.size;
  }

  it("learns of 304 peers an hour with one socket, of ten thousand", () => {
    const learned = crawl(1, "203.0.113.1");
    expect(learned).toBeGreaterThan(200);
    expect(learned).toBeLessThanOrEqual(64 + 240);
  });

  it("learns of no more than 5,600 with all the sockets an address may have", () => {
    expect(crawl(200, "203.0.113.1")).toBeLessThanOrEqual(2000 + 3600);
  });
});

describe("a hostile client", () => {
  let tracker: TestTracker;
  let nowMs = 0;
  beforeEach(async () => {
    nowMs = 0;
    tracker = await TestTracker.start({ nowMs: () => nowMs });
    await tracker.publisher(publisher);
  });
  afterEach(() => tracker.stop());

  it("that spams a victim with offers gets 300 through, is told, and is closed", async () => {
    const { client: victim } = await tracker.announce(publisher, 1);
    const { client: spammer } = await tracker.announce(publisher, 2);
    let heard = 0;
    victim.socket.on("relay", () => heard++);
    const gone = spammer.next("disconnect");
    for (let i = 0; i < 900; i++)
      spammer.say("relay", { to: testPeerId(1), signal: OFFER }, () => {});
    await gone;
    expect(await victim.ask("clock", {})).toMatchObject({ ok: true });
    expect(heard).toBe(300);
  });

  it("cannot reach a peer it was not introduced to", async () => {
    const { client: victim } = await tracker.announce(publisher, 1, { want: 0 });
    let heard = 0;
    victim.socket.on("relay", () => heard++);
    const { client } = await tracker.announce(publisher, 2, { want: 0 });
    const refusal = await client.ask("relay", { to: testPeerId(1), signal: OFFER });
    expect(refusal).toMatchObject({ ok: false, code: "not-allowed" });
    await victim.ask("clock", {});
    expect(heard).toBe(0);
  });

  it("that sends a thousand malformed messages is closed, and nobody else notices", async () => {
    const { client: honest } = await tracker.announce(publisher, 1);
    const hostile = await tracker.connect();
    const gone = hostile.next("disconnect");
    const nonsense = [undefined, null, 1, "x", [], { streamId: {} }, { __proto__: { ok: 1 } }];
    const names = ["announce", "publish", "relay", "find-peers", "report", "viewer-stats"];
    for (let i = 0; i < 1000; i++) {
      hostile.say(names[i % names.length] ?? "", nonsense[i % nonsense.length], () => {});
    }
    await gone;
    expect(await honest.ask("find-peers", { want: 4 })).toMatchObject({ ok: true });
    expect(await honest.ask("clock", {})).toMatchObject({ ok: true });
    expect(tracker.tracker.registry.stream(streamId)?.swarm.viewerCount).toBe(1);
    expect(({} as Record<string, unknown>).ok).toBeUndefined();
  });

  it("that opens sockets and says nothing is closed when its time for that is over", async () => {
    await tracker.stop();
    tracker = await TestTracker.start({ socketLimits: { handshakeMs: 200 } });
    const silent = new WebSocket(
      `${tracker.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`,
    );
    const closed = new Promise((resolve) => silent.addEventListener("close", resolve));
    await closed;
    await vi.waitUntil(() => tracker.tracker.socketCount === 0);
  });
});
