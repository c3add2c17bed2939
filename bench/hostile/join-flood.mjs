import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { peerIdFromBytes } from "../../dist/protocol/index.js";
import { TestPublisher } from "../../dist/signaling/testing/test-publisher.js";
import { quantile } from "../tracker/quantile.mjs";
import { startTracker } from "../tracker/servers.mjs";
import { TrackerPeer } from "../tracker/tracker-client.mjs";

const HONEST_PER_SECOND = 20;
const FLOOD_FACTOR = 10;
/** Addresses the flood comes from, by what the reverse proxy says; each honest viewer has its own. */
const FLOOD_ADDRESSES = 8;
const WANT = 8;

/**
 * Honest viewers join a tracker while somebody joins ten times as often, from some addresses, leaves and
 * comes back. Tracker, flood and the honest, who are this one, are processes of their own: what the flood waits
 * for in its own queue is not the tracker's fault.
 */
export async function measureFlood(forMs) {
  const tracker = await startTracker(["--trust-proxy"]);
  const publisher = new TestPublisher();
  const source = new TrackerPeer(tracker.url);
  try {
    await source.opened();
    await source.ask("publish", publisher.publishMessage(source.id));
    const quiet = await honestJoins(tracker.url, publisher, forMs);
    const flood = startFlood(tracker.url, publisher.streamId, forMs);
    const honest = await honestJoins(tracker.url, publisher, forMs);
    const hostile = await flood;
    return {
      quietMs: spread(quiet.answers),
      honestMs: spread(honest.answers),
      honest: honest.answers.length,
      honestRefused: honest.refused,
      flooded: hostile.answers + hostile.refused,
      refused: hostile.refused,
    };
  } finally {
    source.close();
    await tracker.stop();
  }
}

function honestJoins(url, { streamId }, forMs) {
  return joins({ url, streamId, forMs, perSecond: HONEST_PER_SECOND, addressOf: honestAddress });
}

/** @returns How many it was answered and refused. */
async function startFlood(url, streamId, forMs) {
  const child = fork(fileURLToPath(import.meta.url), [url, streamId, `${forMs}`]);
  const [result] = await once(child, "message");
  return result;
}

/** So many a second, evenly, whatever the answers take. Times from the first byte of the connection. */
async function joins({ url, streamId, forMs, perSecond, addressOf }) {
  const answers = [];
  const running = [];
  let refused = 0;
  const join = async (number) => {
    const startMs = performance.now();
    const peer = new TrackerPeer(url, () => {}, { "x-forwarded-for": addressOf(number) });
    try {
      await peer.opened();
      const message = { streamId, peerId: newPeerId(), role: "viewer", want: WANT };
      const reply = await peer.ask("announce", message);
      if (reply.ok) answers.push(performance.now() - startMs);
      else refused++;
      await wait(1000);
    } catch {
      refused++;
    }
    peer.close();
  };
  const startMs = performance.now();
  for (let started = 0; performance.now() - startMs < forMs; ) {
    const due = ((performance.now() - startMs) * perSecond) / 1000;
    for (; started < due; started++) running.push(join(started));
    await wait(5);
  }
  await Promise.all(running);
  return { answers, refused };
}

function honestAddress(number) {
  return `198.51.${number >> 8}.${number & 255}`;
}

function floodAddress(number) {
  return `203.0.113.${number % FLOOD_ADDRESSES}`;
}

function newPeerId() {
  return peerIdFromBytes(crypto.getRandomValues(new Uint8Array(10)));
}

function spread(values) {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url, streamId, forMs] = process.argv.slice(2);
  const perSecond = FLOOD_FACTOR * HONEST_PER_SECOND;
  const place = { url, streamId, forMs: Number(forMs), perSecond, addressOf: floodAddress };
  const { answers, refused } = await joins(place);
  process.send({ answers: answers.length, refused });
  process.disconnect();
}
