// A swarm that comes, stays and negotiates.
import { peerIdFromBytes } from "../../dist/protocol/index.js";
import { TestPublisher } from "../../dist/signaling/testing/test-publisher.js";
import { TrackerPeer } from "./tracker-client.mjs";

/** An offer with a handful of candidates, as browsers make them. */
const OFFER = {
  type: "offer",
  sdp: "v=0\r\n".padEnd(1800, "a=candidate:1 1 udp 1 192.0.2.1 9\r\n"),
};
const WANT = 8;

export class SwarmLoad {
  #publisher = new TestPublisher();
  #peers = [];
  #lastNumber = 0;
  #heard = 0;

  get size() {
    return this.#peers.length;
  }

  async publish(url) {
    const peer = new TrackerPeer(url);
    await peer.opened();
    const reply = await peer.ask("publish", this.#publisher.publishMessage(peer.id));
    if (!reply.ok) throw new Error(`not published: ${reply.message}`);
  }

  /** One more. @returns Time from announce to answer, in ms. */
  async join(url) {
    const entry = { peer: undefined, known: [], peerId: newPeerId(++this.#lastNumber) };
    entry.peer = new TrackerPeer(url, (name) => {
      if (name === "relay") this.#heard++;
    });
    await entry.peer.opened();
    const startedAtMs = performance.now();
    const { streamId } = this.#publisher;
    const message = { streamId, peerId: entry.peerId, role: "viewer", want: WANT };
    const reply = await entry.peer.ask("announce", message);
    const answerMs = performance.now() - startedAtMs;
    if (!reply.ok) throw new Error(`not admitted: ${reply.message}`);
    entry.known = reply.peers.map(({ peerId }) => peerId);
    this.#peers.push(entry);
    return answerMs;
  }

  /** So many a second, evenly, whatever the answers take. @returns {Promise<number[]>} Answers, ms. */
  async joinAtRate(url, count, perSecond) {
    const answers = [];
    await atRate(count, perSecond, async () => answers.push(await this.join(url)));
    return answers;
  }

  /** As many as the trackers take, so many under way at each. */
  async joinAll(urls, count, inFlight) {
    let left = count;
    const work = async (url) => {
      while (left-- > 0) await this.join(url);
    };
    await Promise.all(urls.flatMap((url) => Array.from({ length: inFlight }, () => work(url))));
  }

  /** Signals between peers that were introduced. @returns How many arrived, and answers, in ms. */
  async relayAtRate(count, perSecond) {
    const senders = this.#peers.filter(({ known }) => known.length > 0);
    const answers = [];
    const before = this.#heard;
    let refused = 0;
    let turn = 0;
    await atRate(count, perSecond, async () => {
      const { peer, known } = senders[(turn++ * 7919) % senders.length];
      const startedAtMs = performance.now();
      const reply = await peer.ask("relay", { to: known[turn % known.length], signal: OFFER });
      answers.push(performance.now() - startedAtMs);
      if (!reply.ok) refused++;
    });
    return { answers, refused, arrived: () => this.#heard - before };
  }

  close() {
    for (const { peer } of this.#peers.splice(0)) peer.close();
  }
}

/** Start `count` tasks at their times; late ones at once, so that a slow server is not spared. */
async function atRate(count, perSecond, task) {
  const startedAtMs = performance.now();
  const running = [];
  for (let started = 0; started < count; ) {
    const due = Math.min(count, Math.ceil(((performance.now() - startedAtMs) * perSecond) / 1000));
    for (; started < due; started++) running.push(task());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(running);
}

function newPeerId(number) {
  const bytes = new Uint8Array(10);
  new DataView(bytes.buffer).setUint32(6, number);
  return peerIdFromBytes(bytes);
}
