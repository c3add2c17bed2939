import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Signal, StreamId } from "#protocol";
import { hasTurn, TurnServer } from "#signaling/testing";
import { bestCrypto256, MeshPeer, newPeerId, TrackerClient } from "#transport";
import { nodeLinks } from "#transport/node";
import { startServer } from "./serve-command.ts";
import { OPEN_SECURITY } from "./server-security.ts";
import { singleStream } from "./testing/single-stream.ts";

const SECRET = "shared with the trackers";
const PATIENCE = { timeout: 25_000, interval: 50 };

let folder: string;
let turn: TurnServer;
const closing: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "livemesh-turn-"));
  closing.push(() => rm(folder, { recursive: true }));
  if (hasTurn) turn = await TurnServer.start(SECRET);
  closing.push(() => turn?.stop());
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server whose seeder is nobody's only hope: what peers get, they may get from each other. */
async function serve(secret: string): Promise<{ url: string; streamId: StreamId }> {
  const ice = { turn: { urls: [turn.url], secret } };
  const security = { ...OPEN_SECURITY, ice };
  const server = await startServer({ ...singleStream(folder), graceSec: 60, security });
  closing.push(() => server.close());
  const streamId = server.streams.reports[0]?.streamId as StreamId;
  return { url: `http://127.0.0.1:${server.port}`, streamId };
}

/** A viewer without an origin, which shows nobody its address. */
async function watchHidden({ url, streamId }: { url: string; streamId: StreamId }) {
  const peerId = newPeerId();
  const tracker = new TrackerClient({ url, streamId, peerId, role: "viewer" });
  const shown: string[] = [];
  const relay = tracker.relay.bind(tracker);
  tracker.relay = (to, signal) => {
    shown.push(...candidatesIn(signal));
    return relay(to, signal);
  };
  const links = nodeLinks({
    bindAddress: "127.0.0.1",
    iceServers: () => tracker.iceServers,
    iceTransportPolicy: "relay",
  });
  const crypto = await bestCrypto256();
  let chunks = 0;
  const onChunk = () => {
    chunks++;
  };
  const peer = new MeshPeer({ streamId, peerId, tracker, links, crypto, onChunk });
  peer.start();
  const playing = setInterval(() => peer.setPlayhead(peer.sourceNowMs() - 1000), 250);
  closing.push(async () => {
    clearInterval(playing);
    await peer.close();
    tracker.close();
    links.close();
  });
  return { peer, peerId, shown, chunkCount: () => chunks };
}

/** Lines of ICE, from descriptions and candidates alike. */
function candidatesIn(signal: Signal): string[] {
  if (signal.type === "candidate") return [signal.candidate];
  return signal.sdp.split(/\r?\n/).filter((line) => line.startsWith("a=candidate"));
}

describe.skipIf(!hasTurn)("peers that show nobody their address", { timeout: 60_000 }, () => {
  it("watch, and feed each other, through coturn with credentials of the tracker", async () => {
    const place = await serve(SECRET);
    const viewers = [await watchHidden(place), await watchHidden(place)];
    await vi.waitUntil(() => viewers.every(({ chunkCount }) => chunkCount() >= 20), PATIENCE);
    const [first, second] = viewers;
    const known = () => first?.peer.stats().neighbors.map(({ peer }) => peer) ?? [];
    await vi.waitUntil(() => second !== undefined && known().includes(second.peerId), PATIENCE);
    for (const { shown, peerId } of viewers) {
      expect(shown.length).toBeGreaterThan(0);
      for (const line of shown) expect(line).toMatch(/ typ relay/);
      expect(turn.log).toMatch(new RegExp(`user <\\d+:${peerId}>`));
    }
  });

  it("have no link at all where the tracker does not know the secret", async () => {
    const viewer = await watchHidden(await serve("another secret than coturn has"));
    await vi.waitUntil(() => turn.log.includes("401"), PATIENCE);
    await vi.waitUntil(() => /Cannot find credentials|check_stun_auth/.test(turn.log), PATIENCE);
    expect(viewer.shown).toEqual([]);
    expect(viewer.peer.stats().neighbors).toEqual([]);
    expect(viewer.chunkCount()).toBe(0);
  });
});
