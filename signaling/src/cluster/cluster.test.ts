import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromHex } from "#protocol";
import { createAccess } from "../access/create-access.ts";
import { signToken } from "../access/sign-token.ts";
import { readTokenKeys } from "../access/token-keys.ts";
import { SILENT_LOG } from "../log.ts";
import { testPeerId } from "../testing/peer-ids.ts";
import { hasRedis, RedisServer } from "../testing/redis-server.ts";
import { TcpProxy } from "../testing/tcp-proxy.ts";
import { TestPublisher } from "../testing/test-publisher.ts";
import { TestTracker } from "../testing/test-tracker.ts";
import type { TrackerOptions } from "../tracker.ts";
import { Cluster } from "./cluster.ts";

const publisher = new TestPublisher();
const { streamId } = publisher;
const OFFER = { type: "offer", sdp: "v=0" };
const ANSWER = { type: "answer", sdp: "v=0" };
const PATIENCE = { timeout: 15_000, interval: 20 };

let redis: RedisServer;
const stopping: (() => Promise<void>)[] = [];

beforeEach(async () => {
  if (hasRedis) redis = await RedisServer.start();
});
afterEach(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop();
  await redis?.stop();
});

async function start(options: TrackerOptions = {}, url = redis.url): Promise<TestTracker> {
  const cluster = await Cluster.connect({ url, log: SILENT_LOG });
  const tracker = await TestTracker.start({ ...options, cluster });
  stopping.push(() => tracker.stop());
  return tracker;
}

/** The swarm as one tracker sees it, sorted. */
function swarmAt({ tracker }: TestTracker): string[] {
  const swarm = tracker.registry.stream(streamId)?.swarm;
  return [...(swarm?.members() ?? [])].map(({ record }) => record.peerId).toSorted();
}

const ids = (...numbers: number[]) => numbers.map(testPeerId).toSorted();

function untilSwarm(tracker: TestTracker, ...numbers: number[]): Promise<void> {
  return vi.waitFor(() => expect(swarmAt(tracker)).toEqual(ids(...numbers)), PATIENCE);
}

describe.skipIf(!hasRedis)("two trackers on one Redis", { timeout: 40_000 }, () => {
  it("share streams and swarms, and introduce their peers to each other", async () => {
    const [a, b] = [await start(), await start()];
    const source = await a.publisher(publisher);
    await source.ask("announce", { streamId, peerId: testPeerId(0), role: "seeder", want: 0 });
    await untilSwarm(b, 0);
    const { reply } = await b.announce(publisher, 1);
    expect(reply).toMatchObject({ ok: true, peers: [{ peerId: testPeerId(0), role: "seeder" }] });
    await untilSwarm(a, 0, 1);
    const list = (await (await fetch(`${b.url}/api/streams`)).json()) as object[];
    expect(list).toMatchObject([{ id: streamId, live: true, viewers: 1 }]);
  });

  it("let peers negotiate, in both directions, but only those that were introduced", async () => {
    const [a, b] = [await start(), await start()];
    await a.publisher(publisher);
    await vi.waitFor(() => expect(b.tracker.registry.stream(streamId)).toBeDefined(), PATIENCE);
    const first = await a.announce(publisher, 1);
    await untilSwarm(b, 1);
    const second = await b.announce(publisher, 2);
    await untilSwarm(a, 1, 2);
    const refused = await first.client.ask("relay", { to: testPeerId(2), signal: OFFER });
    expect(refused).toMatchObject({ ok: false, code: "not-allowed" });
    const offer = first.client.next("relay");
    await second.client.ask("relay", { to: testPeerId(1), signal: OFFER });
    expect(await offer).toEqual({
      from: { peerId: testPeerId(2), role: "viewer" },
      signal: OFFER,
    });
    const answer = second.client.next("relay");
    expect(await first.client.ask("relay", { to: testPeerId(2), signal: ANSWER })).toEqual({
      ok: true,
    });
    expect(await answer).toMatchObject({ from: { peerId: testPeerId(1) }, signal: ANSWER });
  });

  it("sign memberships with one key, and tell viewers everywhere of a new descriptor", async () => {
    const [a, b] = [await start(), await start()];
    const source = await a.publisher(publisher);
    await vi.waitFor(() => expect(b.tracker.registry.stream(streamId)).toBeDefined(), PATIENCE);
    const one = await a.announce(publisher, 1);
    const two = await b.announce(publisher, 2);
    expect(one.reply.membershipKey).toBe(two.reply.membershipKey);
    expect(fromHex(String(one.reply.membershipKey))).toHaveLength(65);
    const news = publisher.publishMessage(source.id, { revision: 2 });
    const heard = [one, two].map(({ client }) => client.next("descriptor"));
    await source.ask("publish", news);
    for (const message of heard) expect(await message).toEqual({ descriptor: news.descriptor });
  });

  it("know a peer again that comes back to the other one, at once and only once", async () => {
    const [a, b] = [await start(), await start()];
    await a.publisher(publisher);
    const { reply } = await a.announce(publisher, 1);
    await untilSwarm(b, 1);
    expect((await b.announce(publisher, 1)).reply).toMatchObject({ code: "peer-id-taken" });
    const { resume } = reply;
    expect((await b.announce(publisher, 1, { resume })).reply).toMatchObject({ ok: true });
    const isAtB = () =>
      a.tracker.registry.stream(streamId)?.swarm.get(testPeerId(1))?.tracker !== undefined;
    await vi.waitFor(() => expect(isAtB()).toBe(true), PATIENCE);
    expect([swarmAt(a), swarmAt(b)]).toEqual([ids(1), ids(1)]);
  });

  it("let a publisher move, and forget who leaves", async () => {
    const [a, b] = [await start(), await start()];
    const source = await a.publisher(publisher);
    const viewer = await a.announce(publisher, 1);
    await untilSwarm(b, 1);
    viewer.client.close();
    await untilSwarm(b);
    source.close();
    const live = async (at: TestTracker) =>
      ((await (await fetch(`${at.url}/api/streams`)).json()) as { live: boolean }[])[0]?.live;
    await vi.waitFor(async () => expect(await live(b)).toBe(false), PATIENCE);
    await b.publisher(publisher);
    await vi.waitFor(async () => expect(await live(a)).toBe(true), PATIENCE);
  });

  it("count the uses of a token together", async () => {
    const keys = readTokenKeys("a secret of more than thirty-two bytes", "test");
    const startWithToken = async () => {
      const cluster = await Cluster.connect({ url: redis.url, log: SILENT_LOG });
      const access = createAccess({ keys, protects: ["watch"], uses: cluster.uses });
      const tracker = await TestTracker.start({ access, cluster });
      stopping.push(() => tracker.stop());
      return tracker;
    };
    const [a, b] = [await startWithToken(), await startWithToken()];
    await a.publisher(publisher);
    await vi.waitFor(() => expect(b.tracker.registry.stream(streamId)).toBeDefined(), PATIENCE);
    const none = { streamId: undefined, peerId: undefined, origins: undefined };
    const wish = { ...none, actions: ["watch"] as const, usesMax: 2, lifeSec: 60 };
    const token = await signToken(keys, wish);
    expect((await a.announce(publisher, 1, { token })).reply).toMatchObject({ ok: true });
    expect((await b.announce(publisher, 2, { token })).reply).toMatchObject({ ok: true });
    expect((await b.announce(publisher, 3, { token })).reply).toMatchObject({
      message: "the token is used up: it was for 2 peers",
    });
  });

  it("agree again after Redis was restarted and had lost everything", async () => {
    const [a, b] = [await start(), await start()];
    await a.publisher(publisher);
    await a.announce(publisher, 1);
    await untilSwarm(b, 1);
    await b.announce(publisher, 2);
    await untilSwarm(a, 1, 2);
    await redis.kill();
    // Both go on with what they know, and take newcomers.
    expect((await a.announce(publisher, 3)).reply).toMatchObject({ ok: true, viewers: 3 });
    expect((await b.announce(publisher, 4)).reply).toMatchObject({ ok: true, viewers: 3 });
    await redis.restart();
    await untilSwarm(a, 1, 2, 3, 4);
    await untilSwarm(b, 1, 2, 3, 4);
    const c = await start();
    await untilSwarm(c, 1, 2, 3, 4);
    expect(c.tracker.registry.listed()).toHaveLength(1);
  });

  it("keep each other's peers while the network to Redis stands still, and lose nothing", async () => {
    const proxy = await TcpProxy.start(() => redis.port);
    stopping.push(() => proxy.stop());
    const a = await start();
    const b = await start({}, `redis://127.0.0.1:${proxy.port}`);
    await a.publisher(publisher);
    await vi.waitFor(() => expect(b.tracker.registry.stream(streamId)).toBeDefined(), PATIENCE);
    await a.announce(publisher, 1);
    await b.announce(publisher, 2);
    await untilSwarm(b, 1, 2);
    await untilSwarm(a, 1, 2);
    proxy.pause();
    await b.announce(publisher, 3);
    await a.announce(publisher, 4);
    // Long enough for A to take B for gone: B's peers, which never noticed, come back with it.
    await untilSwarm(a, 1, 4);
    expect(swarmAt(b)).toEqual(ids(1, 2, 3));
    proxy.resume();
    await untilSwarm(a, 1, 2, 3, 4);
    await untilSwarm(b, 1, 2, 3, 4);
  });

  it("that come later, or all at once after all were gone, find the streams", async () => {
    const a = await start();
    await a.publisher(publisher);
    await a.announce(publisher, 1);
    await vi.waitFor(() => expect(swarmAt(a)).toEqual(ids(1)), PATIENCE);
    const b = await start();
    await untilSwarm(b, 1);
    await a.stop();
    await untilSwarm(b);
    await b.stop();
    const c = await start();
    expect(c.tracker.registry.stream(streamId)).toBeDefined();
    expect((await c.announce(publisher, 5)).reply).toMatchObject({ ok: true, viewers: 1 });
  });

  it("say what is wrong when there is no Redis", async () => {
    await redis.kill();
    await expect(Cluster.connect({ url: redis.url, log: SILENT_LOG })).rejects.toThrow(
      /^no Redis at redis:\/\/127\.0\.0\.1:\d+ \(/,
    );
  });
});
