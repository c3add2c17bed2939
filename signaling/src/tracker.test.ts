import { p256 } from "@noble/curves/nist.js";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  announceReplySchema,
  decodeSignedRecord,
  findPeersReplySchema,
  fromHex,
  memberSigningInput,
  TRACKER_LIMITS,
} from "#protocol";
import { answerError, setErrorAnswers } from "./api-error.ts";
import { RATES } from "./limits.ts";
import { testPeerId } from "./testing/peer-ids.ts";
import { TestClient } from "./testing/test-client.ts";
import { TestPublisher } from "./testing/test-publisher.ts";
import { createTracker, type Tracker, type TrackerOptions } from "./tracker.ts";

const publisher = new TestPublisher();
const { streamId } = publisher;
const OFFER = { type: "offer", sdp: "v=0" };

let app: FastifyInstance;
let tracker: Tracker;
let url: string;
const clients: TestClient[] = [];

async function start(options: TrackerOptions = {}): Promise<void> {
  app = Fastify({ forceCloseConnections: true, frameworkErrors: answerError });
  setErrorAnswers(app);
  tracker = createTracker(app, options);
  url = await app.listen({ host: "127.0.0.1", port: 0 });
}

beforeEach(() => start());

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await app.close();
});

async function connect(): Promise<TestClient> {
  const client = await TestClient.connect(url);
  clients.push(client);
  return client;
}

async function connectPublisher(change = {}): Promise<TestClient> {
  const client = await connect();
  const reply = await client.ask("publish", publisher.publishMessage(client.id, change));
  expect(reply).toMatchObject({ ok: true });
  return client;
}

async function connectViewer(number: number, want = 8): Promise<TestClient> {
  const client = await connect();
  const message = { streamId, peerId: testPeerId(number), role: "viewer", want };
  expect(await client.ask("announce", message)).toMatchObject({ ok: true });
  return client;
}

async function get(path: string): Promise<Response> {
  return fetch(`${url}${path}`);
}

describe("peers", () => {
  it("are introduced, and can then negotiate", async () => {
    await connectPublisher();
    const first = await connectViewer(1);
    const second = await connect();
    const reply = await second.ask("announce", {
      streamId,
      peerId: testPeerId(2),
      role: "viewer",
      want: 8,
    });
    expect(reply).toMatchObject({
      ok: true,
      peers: [{ peerId: testPeerId(1), role: "viewer" }],
      viewers: 2,
      iceServers: [],
    });
    const arrived = first.next("relay");
    expect(await second.ask("relay", { to: testPeerId(1), signal: OFFER })).toEqual({ ok: true });
    expect(await arrived).toEqual({
      from: { peerId: testPeerId(2), role: "viewer" },
      signal: OFFER,
    });
  });

  it("are told the time and the ICE servers", async () => {
    await app.close();
    await start({ ice: { stunUrls: ["stun:stun.example"] } });
    await connectPublisher();
    const viewer = await connect();
    const beforeMs = Date.now();
    const message = { streamId, peerId: testPeerId(1), role: "viewer", want: 0 };
    const reply = await viewer.ask("announce", message);
    expect(reply.iceServers).toEqual([{ urls: ["stun:stun.example"] }]);
    expect(reply.serverTimeMs).toBeGreaterThanOrEqual(beforeMs);
    const clock = await viewer.ask("clock", {});
    expect(clock.serverTimeMs).toBeGreaterThanOrEqual(Number(reply.serverTimeMs));
  });

  it("get the tracker's signed word about themselves, and a newer one when they ask for peers", async () => {
    await connectPublisher();
    const viewer = await connect();
    const beforeMs = Date.now();
    const reply = await viewer.ask("announce", {
      streamId,
      peerId: testPeerId(1),
      role: "viewer",
      want: 0,
    });
    const { membershipKey } = announceReplySchema.parse(reply);
    const found = findPeersReplySchema.parse(await viewer.ask("find-peers", { want: 1 }));
    for (const { membership = "" } of [announceReplySchema.parse(reply), found]) {
      const { signature, ...record } = decodeSignedRecord(fromHex(membership));
      expect(record).toMatchObject({ peerId: testPeerId(1), role: "viewer" });
      expect(record.expiresAtMs).toBeGreaterThanOrEqual(beforeMs + 600_000);
      const input = memberSigningInput(streamId, record);
      const key = fromHex(membershipKey ?? "");
      expect(p256.verify(signature, input, key, { lowS: false })).toBe(true);
    }
  });

  it("leave the swarm with their socket", async () => {
    await connectPublisher();
    const viewer = await connectViewer(1);
    viewer.close();
    await vi.waitUntil(() => tracker.registry.stream(streamId)?.swarm.size === 0);
  });

  it("get the descriptor when it changes", async () => {
    const source = await connectPublisher();
    const viewer = await connectViewer(1);
    const arrived = viewer.next("descriptor");
    const news = publisher.publishMessage(source.id, { revision: 2, isLive: false });
    await source.ask("publish", news);
    expect(await arrived).toEqual({ descriptor: news.descriptor });
  });
});

describe("publishers", () => {
  it("need the key: a stranger's words about a stream are refused and counted", async () => {
    const liar = new TestPublisher();
    const client = await connect();
    const message = liar.publishMessage(client.id, { streamId });
    const refusal = await client.ask("publish", message);
    expect(refusal).toMatchObject({ ok: false, code: "not-allowed" });
    expect(await (await get("/metrics")).text()).toContain(
      "livemesh_publish_verify_failures_total 1",
    );
  });

  it("cannot use a proof they saw on another connection", async () => {
    const message = publisher.publishMessage("another-socket");
    const refusal = await (await connect()).ask("publish", message);
    expect(refusal).toMatchObject({ ok: false, code: "not-allowed" });
  });

  it("that vanish leave a stream that is listed, not live", async () => {
    const source = await connectPublisher();
    expect(await (await get("/api/streams")).json()).toMatchObject([{ live: true }]);
    source.close();
    await vi.waitUntil(
      async () => !((await (await get("/api/streams")).json()) as { live: boolean }[])[0]?.live,
    );
  });
});

describe("hostile clients", () => {
  const bad: [string, string, unknown][] = [
    ["nothing at all", "announce", undefined],
    ["text for an object", "announce", "hello"],
    [
      "a stream id that is none",
      "announce",
      { streamId: "x", peerId: testPeerId(1), role: "viewer", want: 1 },
    ],
    ["a role that is none", "announce", { streamId, peerId: testPeerId(1), role: "king", want: 1 }],
    ["more peers than one may ask for", "find-peers", { want: 17 }],
    [
      "an endless offer",
      "relay",
      {
        to: testPeerId(1),
        signal: { type: "offer", sdp: "x".repeat(TRACKER_LIMITS.sdpBytes + 1) },
      },
    ],
    [
      "a publish without a proof",
      "publish",
      { descriptor: { body: "{}", signature: "00".repeat(64) } },
    ],
    ["negative statistics", "publisher-stats", { streamId, chunks: -1, blocks: 0, bytes: {} }],
  ];

  it.each(bad)("that send %s get one line and do no harm", async (_what, name, message) => {
    const reply = await (await connect()).ask(name, message);
    expect(reply).toMatchObject({ ok: false, code: "bad-message" });
    expect(String(reply.message)).toMatch(new RegExp(`^${name}: .*`));
    expect((await get("/healthz")).status).toBe(200);
  });

  it("that send what is no message, or want no answer, do no harm", async () => {
    const client = await connect();
    client.say("announce");
    client.say("announce", 1, 2, 3);
    client.say("no-such-message", { a: 1 });
    client.say("__proto__", {});
    expect(await client.ask("clock", {})).toMatchObject({ ok: true });
  });

  it("that ask too often are told to slow down, then dropped", async () => {
    const client = await connect();
    const gone = client.next("disconnect");
    const goodbye = client.next("goodbye");
    const replies = await Promise.all(
      Array.from({ length: RATES.clock.burst + 5 }, () => client.ask("clock", {})),
    );
    expect(replies.filter(({ ok }) => ok).length).toBeLessThanOrEqual(RATES.clock.burst + 1);
    expect(replies.at(-1)).toMatchObject({ ok: false, code: "too-many" });
    for (let i = 0; i < 100; i++) client.say("clock", {});
    expect(await goodbye).toMatchObject({
      code: "too-many",
      message: expect.stringMatching(/50 messages were refused.*4 a second are served/),
    });
    await gone;
  });

  it("that flood with anything are dropped", async () => {
    const client = await connect();
    const gone = client.next("disconnect");
    const goodbye = client.next("goodbye");
    for (let i = 0; i < 3000; i++) client.say("noise", i);
    expect(await goodbye).toMatchObject({ message: expect.stringMatching(/messages a second/) });
    await gone;
  });

  it("that send a message of a megabyte are dropped", async () => {
    const client = await connect();
    const gone = client.next("disconnect");
    client.say("relay", { to: testPeerId(1), signal: { type: "offer", sdp: "x".repeat(1e6) } });
    await gone;
    expect((await get("/healthz")).status).toBe(200);
  });

  it("cannot open more sockets from one address than allowed", async () => {
    await app.close();
    await start({ socketLimits: { perLoopbackAddress: 2 } });
    const first = await connect();
    await connect();
    await expect(TestClient.connect(url)).rejects.toThrow(
      "2 connections of one address are allowed, and 127.0.0.1 has as many",
    );
    first.close();
    await vi.waitUntil(async () =>
      connect().then(
        () => true,
        () => false,
      ),
    );
  });
});

describe("HTTP API", () => {
  it("lists streams for people and programs", async () => {
    await connectPublisher({ title: "Town hall" });
    await connectViewer(1);
    const response = await get("/api/streams");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(await response.json()).toEqual([
      {
        id: streamId,
        title: "Town hall",
        live: true,
        watchUrl: `/watch/${streamId}`,
        tracks: [
          {
            id: "v0",
            kind: "video",
            codec: "avc1.64001e",
            bitrateBps: 1_000_000,
            width: 640,
            height: 360,
          },
        ],
        viewers: 1,
        startedAt: "2026-01-01T00:00:00.000Z",
        still: {
          movieUrl: `/streams/${streamId}/still.mp4`,
          pictureUrl: `/streams/${streamId}/still.jpg`,
        },
      },
    ]);
  });

  it("shows one stream with its signed descriptor, and its peers", async () => {
    const source = await connectPublisher();
    await source.ask("announce", { streamId, peerId: testPeerId(0), role: "seeder", want: 0 });
    await connectViewer(1);
    const stream = (await (await get(`/api/streams/${streamId}`)).json()) as {
      id: string;
      descriptor: { body: string };
    };
    expect(stream.id).toBe(streamId);
    expect(JSON.parse(stream.descriptor.body)).toEqual(publisher.describe());
    expect(await (await get(`/api/streams/${streamId}/peers`)).json()).toEqual([
      { peerId: testPeerId(0), role: "seeder" },
      { peerId: testPeerId(1), role: "viewer" },
    ]);
  });

  it("sums up what viewers say of their watching, as long as there is the stream", async () => {
    await connectPublisher();
    const viewer = await connectViewer(1);
    const stats = {
      latencyMs: 900,
      stalls: { count: 1, totalMs: 700 },
      bytes: { peers: 800, seeder: 100, origin: 100, uploaded: 500 },
      rejectedBlocks: 2,
      iceFailures: { "no-path": 3 },
    };
    expect(await (await connect()).ask("viewer-stats", stats)).toMatchObject({
      code: "not-announced",
    });
    expect(await viewer.ask("viewer-stats", stats)).toEqual({ ok: true });
    const text = await (await get("/metrics")).text();
    const of = `{stream="${streamId}"}`;
    for (const line of [
      `livemesh_viewer_latency_seconds_bucket{le="0.75",stream="${streamId}"} 0`,
      `livemesh_viewer_latency_seconds_bucket{le="1",stream="${streamId}"} 1`,
      `livemesh_viewer_stalled_seconds_sum${of} 0.7`,
      `livemesh_viewer_stalls_total${of} 1`,
      `livemesh_viewer_bytes_total{stream="${streamId}",path="peers"} 800`,
      `livemesh_viewer_rejected_blocks_total${of} 2`,
      'livemesh_ice_failures_total{stage="no-path"} 3',
      'livemesh_ice_failures_total{stage="no-relay"} 0',
      "livemesh_tracker_joins_total 1",
    ]) {
      expect(text).toContain(line);
    }
    expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds \d/);
  });

  it("gives the publisher's figures, also to Prometheus", async () => {
    const source = await connectPublisher();
    const bytes = { copy: 1000, seeder: 2000, origin: 300, control: 40 };
    await source.ask("publisher-stats", { streamId, chunks: 5, blocks: 9, bytes });
    expect(await (await get("/api/stats")).json()).toEqual({
      streams: [{ id: streamId, viewers: 0, chunks: 5, blocks: 9, bytes }],
    });
    for (let i = 0; i < 2; i++) {
      const text = await (await get("/metrics")).text();
      expect(text).toContain(
        `livemesh_stream_bytes_total{stream="${streamId}",path="seeder"} 2000`,
      );
      expect(text).toContain(`livemesh_stream_chunks_total{stream="${streamId}"} 5`);
      expect(text).toContain(`livemesh_stream_blocks_total{stream="${streamId}"} 9`);
      expect(text).toContain(`livemesh_stream_viewers{stream="${streamId}"} 0`);
      expect(text).toContain("process_resident_memory_bytes");
    }
  });

  it.each([
    ["/api/streams/nonsense", "unknown-stream"],
    [`/api/streams/${new TestPublisher().streamId}`, "unknown-stream"],
    [`/api/streams/${new TestPublisher().streamId}/peers`, "unknown-stream"],
    ["/api/nothing", "not-found"],
    ["/watch-this", "not-found"],
  ])("answers %s with 404 and the code %s", async (path, code) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it("answers a malformed address with 400", async () => {
    const response = await get("/api/streams/%E0%A4%A");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "bad-request" } });
  });
});
