import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StreamId } from "#protocol";
import { signToken } from "#signaling/access";
import { newPeerId, OriginClient, TrackerClient } from "#transport";
import { startServer } from "./serve-command.ts";
import {
  OPEN_SECURITY,
  readKeys,
  readSecurity,
  type SecurityFlags,
  type ServerSecurity,
} from "./server-security.ts";
import { singleStream } from "./testing/single-stream.ts";

const NO_FLAGS: SecurityFlags = {
  protect: ["publish", "watch", "admin"],
  insecure: false,
  trustProxy: false,
  stun: [],
  turn: [],
};

let folder: string;
const closing: (() => Promise<void> | void)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "livemesh-security-"));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true });
});

async function serve(security: ServerSecurity) {
  const server = await startServer({ ...singleStream(folder), graceSec: 60, security });
  closing.push(() => server.close());
  return { port: server.port, streamId: server.streams.reports[0]?.streamId as StreamId };
}

describe("a server", () => {
  it("on a network address does not start by mistake without access control", async () => {
    const problem = /--host 0\.0\.0\.0 lets the network in.*--token-key.*--insecure/;
    await expect(readSecurity(NO_FLAGS, "0.0.0.0")).rejects.toThrow(problem);
    await expect(readSecurity(NO_FLAGS, "192.0.2.1")).rejects.toThrow(/192\.0\.2\.1/);
    for (const host of ["127.0.0.1", "localhost", "::1"]) await readSecurity(NO_FLAGS, host);
    await readSecurity({ ...NO_FLAGS, insecure: true }, "0.0.0.0");
    await readSecurity({ ...NO_FLAGS, onWatch: "http://a.example/" }, "0.0.0.0");
  });

  it("with a token key keeps its own stream going, and lets viewers in by token only", async () => {
    const tokenKey = join(folder, "deep", "token-key");
    const security = await readSecurity({ ...NO_FLAGS, tokenKey }, "0.0.0.0");
    expect((await stat(tokenKey)).mode & 0o777).toBe(0o600);
    const { port, streamId } = await serve(security);
    const url = `http://127.0.0.1:${port}`;
    const token = await signToken(await readKeys(tokenKey), {
      actions: ["watch"],
      streamId,
      peerId: undefined,
      usesMax: undefined,
      origins: undefined,
      lifeSec: 60,
    });
    expect((await fetch(`${url}/streams/${streamId}/join`)).status).toBe(401);
    const answer = await fetch(`${url}/streams/${streamId}/join?token=${token}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toMatch(/^private/);
    const [cookie = ""] = answer.headers.getSetCookie();
    expect(cookie).toMatch(new RegExp(`Path=/streams/${streamId}; HttpOnly`));
    const headers = { cookie: cookie.split(";")[0] ?? "" };
    const playlist = await fetch(`${url}/streams/${streamId}/hls/master.m3u8`, { headers });
    expect(playlist.status).not.toBe(401);

    const baseUrl = `${url}/streams/${streamId}`;
    expect(await new OriginClient({ baseUrl, token }).join()).toMatchObject({ ok: true });
    const refusals: string[] = [];
    const tracker = new TrackerClient({ url, streamId, peerId: newPeerId(), role: "viewer" });
    tracker.subscribe({ onRefused: (_what, { message }) => refusals.push(message) });
    const allowed = new TrackerClient({
      url,
      streamId,
      peerId: newPeerId(),
      role: "viewer",
      token,
    });
    closing.push(
      () => tracker.close(),
      () => allowed.close(),
    );
    tracker.start();
    allowed.start();
    await vi.waitUntil(() => allowed.state === "online" && refusals.length > 0);
    expect(refusals[0]).toBe('a token for "watch" is needed here');
  });

  it("serves everything over HTTPS with a certificate, its own publisher included", async () => {
    const [tlsCert, tlsKey] = [join(folder, "cert.pem"), join(folder, "key2.pem")];
    execFileSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", "/CN=live.example", "-days", "1", "-keyout", tlsKey, "-out", tlsCert],
    ]);
    const security = await readSecurity({ ...NO_FLAGS, tlsCert, tlsKey }, "127.0.0.1");
    const { port } = await serve(security);
    const ca = await readFile(tlsCert);
    const listed = () =>
      new Promise<string>((resolve, reject) => {
        const options = { ca, servername: "live.example", agent: false } as const;
        request(`https://127.0.0.1:${port}/api/streams`, options, async (response) => {
          let text = "";
          for await (const part of response) text += part;
          resolve(text);
        })
          .once("error", reject)
          .end();
      });
    await vi.waitUntil(async () => (await listed()).includes('"live":true'));
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });
});

describe("what options name", () => {
  it.each<[string, Partial<SecurityFlags>, RegExp]>([
    ["a key that is too short", { tokenKey: "env:SHORT" }, /env:SHORT holds a secret of 5 bytes/],
    ["a variable that is not set", { tokenKey: "env:NOT_SET" }, /variable NOT_SET is not set/],
    ["half of HTTPS", { tlsCert: "a.pem" }, /both --tls-cert and --tls-key/],
    ["no file", { tlsCert: "/no/a", tlsKey: "/no/b" }, /--tls-cert: \/no\/a cannot be read/],
    ["TURN without its secret", { turn: ["turn:a:1"] }, /--turn needs --turn-secret/],
    ["TURN with a short one", { turn: ["turn:a:1"], turnSecret: "env:SHORT" }, /16 or more/],
  ])("is checked before anything starts: %s", async (_what, flags, problem) => {
    vi.stubEnv("SHORT", "12345");
    await expect(readSecurity({ ...NO_FLAGS, ...flags }, "127.0.0.1")).rejects.toThrow(problem);
    vi.unstubAllEnvs();
  });

  it("makes no HTTPS of what is no certificate", async () => {
    const file = join(folder, "no.pem");
    await writeFile(file, "hello");
    const tls = { cert: "hello", key: "hello" };
    await expect(serve({ ...OPEN_SECURITY, tls })).rejects.toThrow(/do not make HTTPS/);
  });
});
