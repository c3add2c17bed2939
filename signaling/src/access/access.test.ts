import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testPeerId } from "../testing/peer-ids.ts";
import { TestPublisher } from "../testing/test-publisher.ts";
import type { AccessRequest } from "./access.ts";
import { createAccess, withOwnToken } from "./create-access.ts";
import { signToken, type TokenWish } from "./sign-token.ts";
import { readTokenKeys, remoteTokenKeys, type TokenKeys } from "./token-keys.ts";

const SECRET = "a secret of more than thirty-two bytes";
const keys = readTokenKeys(SECRET, "test");
const { streamId } = new TestPublisher();
const peerId = testPeerId(1);
const page = "https://site.example";

const WISH: TokenWish = {
  actions: ["watch"],
  streamId,
  peerId: undefined,
  usesMax: undefined,
  origins: undefined,
  lifeSec: 60,
};
const REQUEST: AccessRequest = {
  action: "watch",
  token: undefined,
  streamId,
  peerId,
  address: "203.0.113.7",
  origin: page,
};

function token(change: Partial<TokenWish> = {}, by: TokenKeys = keys): Promise<string> {
  return signToken(by, { ...WISH, ...change });
}

const access = createAccess({ keys });
const ask = (shown: string | undefined, change: Partial<AccessRequest> = {}) =>
  access.check({ ...REQUEST, token: shown, ...change });
const messageOf = async (asked: ReturnType<typeof ask>) => {
  const verdict = await asked;
  return verdict.ok ? "ok" : verdict.message;
};

describe("a token", () => {
  it("lets in who it was made for", async () => {
    expect(await ask(await token())).toEqual({ ok: true });
    expect(await ask(await token({ peerId, origins: [page] }))).toEqual({ ok: true });
  });

  it("is needed", async () => {
    expect(await messageOf(ask(undefined))).toBe('a token for "watch" is needed here');
  });

  it.each<[string, Partial<TokenWish>, Partial<AccessRequest>, RegExp]>([
    ["another stream", {}, { streamId: new TestPublisher().streamId }, /for another stream/],
    ["all streams", {}, { streamId: undefined }, /for another stream/],
    ["another peer", { peerId }, { peerId: testPeerId(2) }, /for another peer/],
    ["another page", { origins: [page] }, { origin: "https://thief.example" }, /thief\.example/],
    ["no page", { origins: [page] }, { origin: undefined }, /of nowhere/],
    ["publishing", {}, { action: "publish" }, /is for "watch", "publish" is needed/],
    ["administration", {}, { action: "admin" }, /is for "watch", "admin" is needed/],
  ])("is no good for %s", async (_what, wish, request, message) => {
    expect(await messageOf(ask(await token(wish), request))).toMatch(message);
  });

  it("is no good when it has expired, remembered or not", async () => {
    let nowMs = Date.now();
    const { TokenAccess } = await import("./token-access.ts");
    const { MemoryUseCounter } = await import("./use-counter.ts");
    const judge = new TokenAccess(keys, new MemoryUseCounter(), () => nowMs);
    const shown = await token();
    expect(await judge.check({ ...REQUEST, token: shown })).toEqual({ ok: true });
    nowMs += 70_000;
    expect(await judge.check({ ...REQUEST, token: shown })).toMatchObject({ ok: false });
    expect(await ask(await signToken(keys, WISH, Date.now() - 120_000))).toMatchObject({
      message: "the token is not good: it has expired",
    });
  });

  it("by another key is not believed, nor one that says it needs none", async () => {
    const stranger = readTokenKeys(SECRET.toUpperCase(), "stranger");
    expect(await messageOf(ask(await token({}, stranger)))).toMatch(/signature is not by the key/);
    const [, body] = (await token()).split(".");
    const header = Buffer.from('{"alg":"none"}').toString("base64url");
    expect(await ask(`${header}.${body}.`)).toMatchObject({ ok: false });
  });

  it.each(["", "x", "a.b.c", "é".repeat(2000)])("that is none, %j, gets one line", async (text) => {
    expect(await messageOf(ask(text))).toMatch(/^the token is not good: .+$/);
  });

  it("made elsewhere needs our audience, an end, and claims as we know them", async () => {
    const sign = (payload: Record<string, unknown>, audience = "livemesh") =>
      new SignJWT(payload)
        .setProtectedHeader({ alg: "HS256" })
        .setAudience(audience)
        .sign(new TextEncoder().encode(SECRET));
    const exp = Math.floor(Date.now() / 1000) + 60;
    expect(await ask(await sign({ scope: "watch", exp }))).toEqual({ ok: true });
    expect(await ask(await sign({ scope: "watch" }))).toMatchObject({ ok: false });
    expect(await ask(await sign({ scope: "watch", exp }, "other"))).toMatchObject({ ok: false });
    expect(await messageOf(ask(await sign({ scope: "watch", exp, stream: "x" })))).toMatch(
      /claim "stream"/,
    );
    expect(await messageOf(ask(await sign({ scope: "watch", exp, uses: 1 })))).toMatch(/jti/);
    const inAYear = exp + 365 * 86_400;
    expect(await messageOf(ask(await sign({ scope: "watch", exp: inAYear })))).toMatch(/31 days/);
  });

  it("for two peers lets two in, each as often as it comes, and no third", async () => {
    const shown = await token({ usesMax: 2 });
    const by = (number: number) => ask(shown, { peerId: testPeerId(number) });
    expect([await by(1), await by(2), await by(1)]).toEqual([
      { ok: true },
      { ok: true },
      { ok: true },
    ]);
    expect(await messageOf(by(3))).toBe("the token is used up: it was for 2 peers");
  });
});

describe("keys", () => {
  const pair = generateKeyPairSync("ed25519");
  const pem = (key: typeof pair.publicKey) =>
    key.export({ format: "pem", type: key.type === "public" ? "spki" : "pkcs8" }).toString();

  it("may be two: the private one makes tokens, the public one only checks them", async () => {
    const shown = await token({}, readTokenKeys(pem(pair.privateKey), "private.pem"));
    const publicKeys = readTokenKeys(pem(pair.publicKey), "public.pem");
    const judge = createAccess({ keys: publicKeys });
    expect(await judge.check({ ...REQUEST, token: shown })).toEqual({ ok: true });
    await expect(token({}, publicKeys)).rejects.toThrow(/the private one is needed/);
  });

  it("may be JSON Web Keys", async () => {
    const jwk = JSON.stringify(await exportJWK(pair.privateKey));
    expect(readTokenKeys(jwk, "key.jwk").sign?.algorithm).toBe("EdDSA");
    const k = Buffer.from(SECRET).toString("base64url");
    expect(readTokenKeys(JSON.stringify({ kty: "oct", k }), "key.jwk").algorithms).toEqual([
      "HS256",
    ]);
  });

  it.each([
    ["short", /holds a secret of 5 bytes; HS256 needs 32/],
    ["-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----", /no key that can be read/],
    ["{", /no JSON Web Key/],
    [
      generateKeyPairSync("ec", { namedCurve: "P-256" })
        .publicKey.export({ format: "pem", type: "spki" })
        .toString(),
      /kind ec; Ed25519/,
    ],
  ])("of no use are told of in one line", (text, message) => {
    expect(() => readTokenKeys(text, "the file")).toThrow(message);
  });

  it("may be published by somebody else", async () => {
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: "1", alg: "EdDSA" };
    const { url, close } = await serve((_body, answer) => answer(200, { keys: [jwk] }));
    const shown = await new SignJWT({ scope: "watch" })
      .setProtectedHeader({ alg: "EdDSA", kid: "1" })
      .setAudience("livemesh")
      .setExpirationTime("1m")
      .sign(pair.privateKey);
    const judge = createAccess({ keys: remoteTokenKeys(url) });
    expect(await judge.check({ ...REQUEST, token: shown })).toEqual({ ok: true });
    expect(await judge.check({ ...REQUEST, token: await token() })).toMatchObject({ ok: false });
    await close();
  });
});

describe("without anything configured", () => {
  it("everybody may do everything", async () => {
    const open = createAccess({});
    expect(open.protects("publish")).toBe(false);
    expect(await open.check(REQUEST)).toEqual({ ok: true });
  });
});

describe("what is protected", () => {
  it("can be chosen", async () => {
    const some = createAccess({ keys, protects: ["publish", "admin"] });
    expect(some.protects("watch")).toBe(false);
    expect(await some.check({ ...REQUEST, action: "publish" })).toMatchObject({ ok: false });
  });

  it("is open to this process's own publisher", async () => {
    const own = withOwnToken(access);
    const asked = { ...REQUEST, action: "publish" } as const;
    expect(await own.access.check({ ...asked, token: own.token })).toEqual({ ok: true });
    expect(await own.access.check({ ...asked, token: `${own.token}x` })).toMatchObject({
      ok: false,
    });
    expect(await own.access.check(asked)).toMatchObject({ ok: false });
  });
});

describe("a webhook", () => {
  let heard: unknown[];
  let answer: [number, unknown];
  let hook: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => {
    heard = [];
    answer = [200, {}];
    hook = await serve((body, reply) => {
      heard.push(body);
      reply(...answer);
    });
  });
  afterEach(() => hook.close());

  it("is told who wants what, and decides", async () => {
    const judge = createAccess({ onWatch: hook.url });
    expect(await judge.check({ ...REQUEST, token: "ticket 7" })).toEqual({ ok: true });
    expect(heard).toEqual([{ ...REQUEST, token: "ticket 7" }]);
    answer = [403, { message: "tickets are sold out" }];
    expect(await judge.check(REQUEST)).toEqual({ ok: false, message: "tickets are sold out" });
    answer = [500, "?"];
    expect(await judge.check(REQUEST)).toMatchObject({ message: "not allowed to watch here" });
  });

  it("that is away lets nobody in", async () => {
    const judge = createAccess({ onWatch: hook.url });
    await hook.close();
    expect(await judge.check(REQUEST)).toMatchObject({
      message: "the server that decides who may come in does not answer",
    });
  });

  it("for one thing leaves the others to tokens, or to nobody", async () => {
    const judge = createAccess({ onWatch: hook.url, keys });
    expect(await judge.check({ ...REQUEST, action: "publish" })).toMatchObject({ ok: false });
    const alone = createAccess({ onWatch: hook.url });
    expect(await alone.check({ ...REQUEST, action: "admin" })).toMatchObject({
      message: "nobody may admin here: the server has no token key",
    });
  });
});

type Answer = (status: number, body: unknown) => void;

async function serve(handle: (body: unknown, answer: Answer) => void) {
  const server: Server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    handle(text === "" ? undefined : JSON.parse(text), (status, body) => {
      const bytes = JSON.stringify(body);
      response.writeHead(status, { "content-length": bytes.length }).end(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
