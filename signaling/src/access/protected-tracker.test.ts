import { afterEach, expect, it } from "vitest";
import { testPeerId } from "../testing/peer-ids.ts";
import { TestClient } from "../testing/test-client.ts";
import { TestPublisher } from "../testing/test-publisher.ts";
import { TestTracker } from "../testing/test-tracker.ts";
import type { Action } from "./access.ts";
import { createAccess } from "./create-access.ts";
import { signToken, type TokenWish } from "./sign-token.ts";
import { readTokenKeys } from "./token-keys.ts";

const keys = readTokenKeys("a secret of more than thirty-two bytes", "test");
const publisher = new TestPublisher();
const { streamId } = publisher;

let server: TestTracker;
afterEach(() => server.stop());

function tokenFor(action: Action, change: Partial<TokenWish> = {}): Promise<string> {
  const none = { streamId: undefined, peerId: undefined, usesMax: undefined, origins: undefined };
  return signToken(keys, { ...none, actions: [action], lifeSec: 60, ...change });
}

async function start(): Promise<void> {
  server = await TestTracker.start({ access: createAccess({ keys }) });
}

async function get(path: string, token?: string): Promise<Response> {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  return fetch(`${server.url}${path}`, headers && { headers });
}

it("a stream is published, and watched, by those with a token, and by nobody else", async () => {
  await start();
  const stranger = await server.connect();
  expect(await stranger.ask("publish", publisher.publishMessage(stranger.id))).toMatchObject({
    ok: false,
    code: "not-allowed",
    message: 'a token for "publish" is needed here',
  });
  await server.publisher(publisher, await tokenFor("publish", { streamId }));
  expect((await server.announce(publisher, 1)).reply).toMatchObject({
    ok: false,
    code: "not-allowed",
  });
  const token = await tokenFor("watch", { streamId });
  expect((await server.announce(publisher, 1, { token })).reply).toMatchObject({ ok: true });
});

it("a token for one peer of one stream lets nobody else in, and not elsewhere", async () => {
  await start();
  const other = new TestPublisher();
  await server.publisher(publisher, await tokenFor("publish"));
  await server.publisher(other, await tokenFor("publish"));
  const token = await tokenFor("watch", { streamId, peerId: testPeerId(7) });
  expect((await server.announce(publisher, 7, { token })).reply).toMatchObject({ ok: true });
  expect((await server.announce(publisher, 8, { token })).reply).toMatchObject({
    message: "the token is for another peer",
  });
  expect((await server.announce(other, 7, { token })).reply).toMatchObject({
    message: "the token is for another stream",
  });
});

it("a token for viewers makes no seeder", async () => {
  await start();
  await server.publisher(publisher, await tokenFor("publish"));
  const token = await tokenFor("watch");
  const { reply } = await server.announce(publisher, 0, { token, role: "seeder" });
  expect(reply).toMatchObject({ ok: false, code: "not-allowed" });
});

it("a token shown by pages of another site is refused where it names its pages", async () => {
  await start();
  await server.publisher(publisher, await tokenFor("publish"));
  const token = await tokenFor("watch", { origins: ["https://site.example"] });
  const announceFrom = async (origin: string) => {
    const client = await server.connect({ origin });
    return client.ask("announce", {
      streamId,
      peerId: testPeerId(1),
      role: "viewer",
      want: 1,
      token,
    });
  };
  expect(await announceFrom("https://thief.example")).toMatchObject({ ok: false });
  expect(await announceFrom("https://site.example")).toMatchObject({ ok: true });
});

it("who leaves while the token is looked at is no member afterwards", async () => {
  let letIn: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    letIn = resolve;
  });
  let isAsked: () => void = () => {};
  const asking = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  server = await TestTracker.start({
    access: {
      protects: (action) => action === "watch",
      check: async () => {
        isAsked();
        await asked;
        return { ok: true };
      },
    },
  });
  await server.publisher(publisher);
  const client = await server.connect();
  client.say("announce", { streamId, peerId: testPeerId(1), role: "viewer", want: 1 }, () => {});
  await asking;
  const sockets = server.tracker.socketCount;
  client.close();
  await expect.poll(() => server.tracker.socketCount).toBe(sockets - 1);
  letIn();
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.tracker.registry.stream(streamId)?.swarm.size).toBe(0);
});

it("lists show what the token in hand may watch; figures are for administrators", async () => {
  await start();
  const other = new TestPublisher();
  await server.publisher(publisher, await tokenFor("publish"));
  await server.publisher(other, await tokenFor("publish"));
  const listed = async (token?: string) =>
    ((await (await get("/api/streams", token)).json()) as unknown[]).length;
  expect(await listed()).toBe(0);
  expect(await listed(await tokenFor("watch", { streamId }))).toBe(1);
  expect(await listed(await tokenFor("watch"))).toBe(2);
  const admin = await tokenFor("admin");
  expect(await listed(admin)).toBe(2);
  for (const path of ["/metrics", "/api/stats", `/api/streams/${streamId}/peers`]) {
    expect((await get(path)).status).toBe(401);
    expect((await get(path, await tokenFor("watch"))).status).toBe(403);
    expect((await get(path, admin)).status).toBe(200);
  }
  expect((await get(`/api/streams/${streamId}`)).status).toBe(401);
  expect((await get(`/api/streams/${streamId}?token=${await tokenFor("watch")}`)).status).toBe(200);
  expect((await get("/healthz")).status).toBe(200);
});

it("pages that are not on the list get no connection and no answer, and learn why", async () => {
  server = await TestTracker.start({ allowedOrigins: ["https://site.example"] });
  await expect(TestClient.connect(server.url, { origin: "https://thief.example" })).rejects.toThrow(
    "pages of https://thief.example may not use this tracker; see --allow-origin",
  );
  await server.connect({ origin: "https://site.example" });
  await server.connect({ origin: server.url });
  const from = (origin: string) => fetch(`${server.url}/api/streams`, { headers: { origin } });
  const allowed = await from("https://site.example");
  expect(allowed.headers.get("access-control-allow-origin")).toBe("https://site.example");
  expect(allowed.headers.get("vary")).toBe("origin");
  const refused = await from("https://thief.example");
  expect(refused.headers.has("access-control-allow-origin")).toBe(false);
});
