import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import type { PeerReport } from "#protocol";
import {
  controlPeerSchema,
  controlStreamSchema,
  meshPictureSchema,
  recordingSchema,
} from "#protocol/control";
import { createAccess, readTokenKeys } from "../access/index.ts";
import { testPeerId } from "../testing/peer-ids.ts";
import { TestPublisher } from "../testing/test-publisher.ts";
import { TestTracker } from "../testing/test-tracker.ts";

const NO_BYTES = { peers: 0, seeder: 0, origin: 0, uploaded: 0 };

/** Half a second of a viewer whom one neighbor pushes four stripes to. */
function report(from: number, change: Partial<PeerReport> = {}): PeerReport {
  return {
    spanMs: 500,
    latencyMs: 900,
    stalls: { count: 0, totalMs: 0 },
    bytes: { ...NO_BYTES, peers: 50_000 },
    chunks: { delivered: 2, missed: 0 },
    rejectedBlocks: 0,
    uplink: { budgetBps: 1_000_000, promisedBps: 0 },
    neighborCount: 1,
    neighbors: [
      {
        peerId: testPeerId(from),
        rttMs: 20,
        receivedBytes: 50_000,
        sentBytes: 0,
        parentOf: 4,
        childOf: 0,
      },
    ],
    ...change,
  };
}

describe("the control API", () => {
  const publisher = new TestPublisher();
  const { streamId } = publisher;
  let tracker: TestTracker;

  beforeEach(async () => {
    tracker = await TestTracker.start();
    await tracker.publisher(publisher);
  });
  afterEach(() => tracker.stop());

  async function ask(method: string, path: string, body?: unknown) {
    const response = await fetch(`${tracker.url}/api/control${path}`, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json");
    return { status: response.status, body: isJson ? JSON.parse(text) : text };
  }

  it("shows who pushes what to whom as soon as somebody looks, and never an address", async () => {
    const one = await tracker.announce(publisher, 1);
    const two = await tracker.announce(publisher, 2);
    const asked = Promise.all([one.client.next("steer"), two.client.next("steer")]);
    two.client.say("peer-report", report(1));
    await two.client.ask("clock", {});
    expect((await ask("GET", `/streams/${streamId}/mesh`)).body).toMatchObject({
      members: 2,
      peers: [],
    });
    expect(await asked).toEqual([
      { reportMs: 2000, forMs: 120_000 },
      { reportMs: 2000, forMs: 120_000 },
    ]);

    two.client.say("peer-report", report(1));
    await two.client.ask("clock", {});
    const { body: picture } = await ask("GET", `/streams/${streamId}/mesh`);
    expect(meshPictureSchema.parse(picture)).toEqual(picture);
    expect(picture.links).toEqual([
      { from: testPeerId(1), to: testPeerId(2), stripes: 4, bps: 800_000, rttMs: 20 },
    ]);
    const { body: peer } = await ask("GET", `/streams/${streamId}/peers/${testPeerId(2)}`);
    expect(controlPeerSchema.parse(peer)).toEqual(peer);
    expect(peer).toMatchObject({ latencyMs: 900, bps: { peers: 800_000 }, hints: {} });
    expect(JSON.stringify([picture, peer])).not.toMatch(/127\.0\.0\.1|network/);
  });

  it("throttles a chosen peer and takes it out of the mesh, for the time that was said", async () => {
    const { client } = await tracker.announce(publisher, 1);
    const told = client.next("steer");
    const order = { peerIds: [testPeerId(1)], uploadBps: 200_000, isAway: true, forSec: 60 };
    const { body } = await ask("POST", `/streams/${streamId}/orders`, order);
    expect(controlStreamSchema.parse(body)).toMatchObject({ orderedPeers: 1 });
    expect(await told).toEqual({ uploadBps: 200_000, isAway: true, forMs: 120_000 });

    const lifted = client.next("steer");
    await ask("POST", `/streams/${streamId}/orders`, { peerIds: [testPeerId(1)], forSec: 1 });
    expect(await lifted).toEqual({ forMs: 0 });
  });

  it("tells everybody of an experiment, those who come later too, and when it is over", async () => {
    const first = await tracker.announce(publisher, 1);
    const told = first.client.next("steer");
    const experiment = { tuning: { pushShare: 0.7 } };
    await ask("PUT", `/streams/${streamId}/experiment`, experiment);
    expect(await told).toEqual({ tuning: { pushShare: 0.7 }, forMs: 120_000 });
    const second = await tracker.announce(publisher, 2);
    expect(await second.client.next("steer")).toMatchObject(experiment);

    const over = first.client.next("steer");
    const { body } = await ask("PUT", `/streams/${streamId}/experiment`, {});
    expect(body.experiment).toEqual({});
    expect(await over).toEqual({ forMs: 0 });
  });

  it("records what peers tell and what was changed, as JSON and CSV", async () => {
    const { client } = await tracker.announce(publisher, 1);
    const asked = client.next("steer");
    expect((await ask("PUT", `/streams/${streamId}/recording`, {})).body.isRunning).toBe(true);
    await asked;
    client.say("peer-report", report(7));
    await client.ask("clock", {});
    await ask("PUT", `/streams/${streamId}/experiment`, { tuning: { degreeHigh: 10 } });
    const path = `/streams/${streamId}/recording`;
    await expect.poll(async () => (await ask("GET", path)).body.peers.length).toBeGreaterThan(0);
    expect((await ask("DELETE", path)).body.isRunning).toBe(false);
    const { body: recording } = await ask("GET", path);
    expect(recordingSchema.parse(recording)).toEqual(recording);
    expect(recording.events).toEqual([
      { atMs: expect.any(Number), what: 'experiment {"tuning":{"degreeHigh":10}}' },
    ]);
    const { body: csv } = await ask("GET", `${path}.csv?table=peers`);
    const [names, row] = csv.split("\r\n");
    expect(names.split(",").slice(1, 4)).toEqual(["peer", "role", "latency_ms"]);
    expect(row.split(",").slice(1, 4)).toEqual([testPeerId(1), "viewer", "900"]);
    const { body: events } = await ask("GET", `${path}.csv?table=events`);
    expect(events).toContain('"experiment {""tuning"":{""degreeHigh"":10}}"');
  });

  it.each([
    ["PUT", "/experiment", { tuning: { pushShrae: 1 } }, "the body, tuning: Unrecognized key"],
    ["PUT", "/experiment", { tuning: { originShare: 0 } }, "the body, tuning.originShare"],
    ["PUT", "/experiment", { chunkMs: 10 }, "the body, chunkMs"],
    ["POST", "/orders", { peerIds: ["x"], forSec: 1 }, "the body, peerIds.0"],
    ["POST", "/orders", { peerIds: [], forSec: 1 }, "the body, peerIds"],
    ["GET", "/history?sinceMs=x", undefined, "the query, sinceMs"],
  ])("refuses %s %s %j in one line that names the place", async (method, path, body, line) => {
    const { status, body: answer } = await ask(method, `/streams/${streamId}${path}`, body);
    expect(status).toBe(400);
    expect(answer.error.message).toContain(line);
    expect(answer.error.message).not.toContain("\n");
  });

  it("knows neither streams nor peers that are not there", async () => {
    expect((await ask("GET", `/streams/${"a".repeat(32)}/mesh`)).status).toBe(404);
    expect((await ask("GET", `/streams/x/history`)).status).toBe(404);
    const { body } = await ask("GET", `/streams/${streamId}/peers/${testPeerId(9)}`);
    expect(body.error.code).toBe("unknown-peer");
  });

  it("describes each of its operations in OpenAPI", async () => {
    const { body } = await ask("GET", "/openapi.json");
    const operations = Object.entries(body.paths as Record<string, object>).flatMap(
      ([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(operations).toHaveLength(13);
    for (const operation of operations) {
      const [method = "", path = ""] = operation.split(" ");
      const known = path.replace("{id}", streamId).replace("{peer}", testPeerId(1));
      const { status } = await ask(method.toUpperCase(), known.slice("/api/control".length));
      expect([200, 400, 404], operation).toContain(status);
    }
    const { schema } =
      body.paths["/api/control/alerts"].put.requestBody.content["application/json"];
    expect(schema.required).toEqual(["viewersMin", "holdSec"]);
    expect(z.toJSONSchema).toBeDefined();
  });

  it("is not for pages of other sites, nor for names that are made to mean this machine", async () => {
    const from = async (headers: Record<string, string>) => {
      const { statusCode } = await tracker.app.inject({ url: "/api/control/streams", headers });
      return statusCode;
    };
    expect(await from({ host: "127.0.0.1:8080" })).toBe(200);
    expect(await from({ host: "127.0.0.1:8080", origin: "http://127.0.0.1:8080" })).toBe(200);
    expect(await from({ host: "127.0.0.1:8080", origin: "https://evil.example" })).toBe(403);
    expect(await from({ host: "evil.example", origin: "http://evil.example" })).toBe(403);
  });
});

it("needs a token for admin where there is a key", async () => {
  const keys = readTokenKeys("x".repeat(40), "test");
  const tracker = await TestTracker.start({ access: createAccess({ keys }) });
  for (const path of ["streams", "openapi.json", "alerts"]) {
    expect((await fetch(`${tracker.url}/api/control/${path}`)).status).toBe(401);
  }
  await tracker.stop();
});
