// A viewer in the middle of a healthy swarm, recorded once, so that a replay costs nothing but the
// engine's own steps.
import { MeshEngine } from "#mesh";
import { seededRandom, TEST_STREAM_ID, testPeerId } from "#mesh/testing";
import { PEER_PROTOCOL_VERSION, peerMessageBytes, stripeOfBlock } from "#protocol";
import { blocksOfStream, CHUNK_MS, STRIPES, streamDescriptor, stripesOfStream } from "./stream.mjs";

export const NEIGHBORS = 8;
const ROUND_TRIP_MS = 40;
/** From the end of a chunk to its push: the way through the tree, and how much it varies. */
const PUSH_MS = 60;
const PUSH_JITTER_MS = 30;
const VERIFY_MS = 1;
const HAVE_MS = 1000;
const PLAYBACK_MS = 250;
const LATENCY_MS = 1000;
/** When children come, and again after a refusal: by then the stripes are fed. */
const SUBSCRIBE_MS = 2000;
/** After this the window is full and nothing of the beginning is left. */
export const SETTLE_MS = 12_000;

/**
 * @param settings `hasChildren`: each stripe is also pushed on to one neighbor, as in a swarm, where
 *   everybody gives on average what everybody takes. `seconds`: recorded after settling.
 */
export function recordTrace({ hasChildren, seconds }) {
  const recorder = new Recorder(hasChildren);
  recorder.run(SETTLE_MS);
  const beginning = recorder.steps.splice(0);
  const settled = recorder.engine.stats();
  recorder.run(SETTLE_MS + seconds * 1000);
  const { engine, steps, cpuUs } = recorder;
  return new Trace(engine, { beginning, settled, steps, recordingCpuUs: cpuUs });
}

function newEngine() {
  return new MeshEngine({
    self: testPeerId("me"),
    role: "viewer",
    descriptor: streamDescriptor(),
    signedDescriptor: { body: new Uint8Array(2), signature: new Uint8Array(64) },
    random: seededRandom(1),
  });
}

/** Events with their times. The engine is pure: fed the same again, it does the same again. */
class Trace {
  /** What is measured, and what came before. */
  steps;
  beginning;
  /** The numbers of the engine when the beginning was over. */
  settled;
  /** The engine at the end. Kept: when none is left, V8 drops the code optimized for it. */
  recorded;
  /** What its steps cost then: of the first trace in a process, with code that is still cold. */
  recordingCpuUs;

  constructor(recorded, { beginning, settled, steps, recordingCpuUs }) {
    this.recorded = recorded;
    this.recordingCpuUs = recordingCpuUs;
    this.beginning = beginning;
    this.settled = settled;
    this.steps = steps;
  }

  /** A new engine that has lived through the beginning. */
  settledEngine() {
    const engine = newEngine();
    replay(engine, this.beginning);
    return engine;
  }
}

/** @throws {Error} When the engine does not do what it did when it was recorded. */
export function replay(engine, steps) {
  for (const { event, nowMs, actionCount } of steps) {
    if (engine.step(event, nowMs).length !== actionCount) {
      throw new Error(`the engine does not repeat itself: ${event.type} at ${nowMs} ms`);
    }
  }
}

/** The neighbors, the publisher and the player around one engine, in virtual time. */
class Recorder {
  engine = newEngine();
  steps = [];
  cpuUs = 0;
  #nowMs = 0;
  #tasks = [];
  #random = seededRandom(2);
  #sequence = 0;
  #neighbors = Array.from({ length: NEIGHBORS }, (_, at) => testPeerId(`n${"abcdefgh"[at]}`));
  /** By `track/stripe`: who pushes to the engine, and how many have asked it to push. */
  #parents = new Map();
  #askedCounts = new Map();

  constructor(hasChildren) {
    this.#every(CHUNK_MS, CHUNK_MS, () => this.#publish());
    this.#every(PLAYBACK_MS, 2 * LATENCY_MS, () =>
      this.#feed({ type: "playback", playheadSourceMs: this.#nowMs - LATENCY_MS }),
    );
    this.#neighbors.forEach((peer, at) => {
      this.#later(at, () => this.#connect(peer));
      this.#every(HAVE_MS, (at * HAVE_MS) / NEIGHBORS + 10, () => this.#tellNews(peer));
    });
    if (!hasChildren) return;
    for (const stripe of stripesOfStream()) {
      this.#later(SUBSCRIBE_MS, () => this.#subscribe(stripe));
    }
  }

  run(untilMs) {
    for (;;) {
      const dueAtMs = this.#tasks[0]?.atMs ?? Number.POSITIVE_INFINITY;
      if (Math.min(dueAtMs, this.engine.wakeAtMs) > untilMs) return;
      if (this.engine.wakeAtMs < dueAtMs) {
        this.#nowMs = Math.max(this.#nowMs, this.engine.wakeAtMs);
        this.#feed({ type: "tick" });
      } else {
        this.#nowMs = dueAtMs;
        this.#tasks.shift().run();
      }
    }
  }

  #feed(event) {
    const before = process.cpuUsage();
    const actions = this.engine.step(event, this.#nowMs);
    const { user, system } = process.cpuUsage(before);
    this.cpuUs += user + system;
    this.steps.push({ event, nowMs: this.#nowMs, actionCount: actions.length });
    for (const action of actions) this.#perform(action);
  }

  #message(from, message) {
    const sizeBytes = peerMessageBytes(message);
    this.#feed({ type: "message-received", from, message, sizeBytes });
  }

  #perform(action) {
    switch (action.type) {
      case "send":
        return this.#answer(action.to, action.message);
      case "verify": {
        const { from, block } = action;
        const verified = { type: "block-verified", from, block, isValid: true };
        return this.#later(VERIFY_MS, () => this.#feed(verified));
      }
      case "fetch": {
        const { track, sequence } = action;
        const blocks = blocksOfStream(sequence).filter((block) => block.track === track);
        const fetched = { type: "chunk-fetched", track, sequence, blocks };
        return this.#later(ROUND_TRIP_MS, () => this.#feed(fetched));
      }
      case "disconnect":
        throw new Error(`a neighbor that behaves was left: ${action.reason}`);
      // There is nobody else, and what the player does is the player's.
      default:
        return;
    }
  }

  /** What a neighbor says to what the engine sent it. */
  #answer(from, message) {
    const reply = (answer) => this.#later(ROUND_TRIP_MS, () => this.#message(from, answer));
    switch (message.type) {
      case "ping":
        return reply({ type: "pong", token: message.token });
      case "subscribe": {
        const { track, stripe } = message;
        this.#parents.set(`${track}/${stripe}`, from);
        return reply({ type: "accept", track, stripe, route: [] });
      }
      case "unsubscribe":
        this.#parents.delete(`${message.track}/${message.stripe}`);
        return;
      case "refuse":
        return this.#later(SUBSCRIBE_MS, () => this.#subscribe(message));
      case "request":
        for (const block of blocksOfStream(message.sequence)) {
          const isAsked = block.track === message.track && message.indexes.includes(block.index);
          if (isAsked) reply({ type: "block", block });
        }
        return;
      default:
        return;
    }
  }

  #connect(peerId) {
    const peer = { peerId, role: "viewer" };
    this.#feed({ type: "neighbor-connected", peer, isDialed: true });
    this.#message(peerId, {
      type: "hello",
      version: PEER_PROTOCOL_VERSION,
      streamId: TEST_STREAM_ID,
      descriptorRevision: 1,
      uploadBps: 10_000_000,
    });
  }

  #publish() {
    for (const block of blocksOfStream(this.#sequence++)) {
      const stripe = stripeOfBlock(block, STRIPES[block.track]);
      this.#later(PUSH_MS + PUSH_JITTER_MS * this.#random(), () => {
        const parent = this.#parents.get(`${block.track}/${stripe}`);
        if (parent !== undefined) this.#message(parent, { type: "block", block });
      });
    }
  }

  /** The chunks of the last second, all of them complete by now. */
  #tellNews(from) {
    const chunks = [];
    const newest = Math.floor((this.#nowMs - PUSH_MS - PUSH_JITTER_MS) / CHUNK_MS) - 2;
    const oldest = Math.max(0, newest - HAVE_MS / CHUNK_MS + 1);
    for (let sequence = oldest; sequence <= newest; sequence++) {
      for (const { track, index, count } of blocksOfStream(sequence)) {
        if (index === 0) chunks.push({ track, sequence, has: new Array(count).fill(true) });
      }
    }
    const lagMs = CHUNK_MS + PUSH_MS + PUSH_JITTER_MS / 2;
    const lagsMs = stripesOfStream().map(() => lagMs);
    this.#message(from, { type: "have", lagsMs, chunks });
  }

  /** A neighbor that does not push this stripe asks for it; at the next refusal, the next one. */
  #subscribe({ track, stripe }) {
    const name = `${track}/${stripe}`;
    const asked = this.#askedCounts.get(name) ?? 0;
    this.#askedCounts.set(name, asked + 1);
    const others = this.#neighbors.filter((peer) => peer !== this.#parents.get(name));
    const child = others[(stripe + asked) % others.length];
    this.#message(child, { type: "subscribe", track, stripe, isUrgent: false });
  }

  #every(pauseMs, firstAtMs, run) {
    this.#later(firstAtMs - this.#nowMs, () => {
      run();
      this.#every(pauseMs, this.#nowMs + pauseMs, run);
    });
  }

  #later(delayMs, run) {
    const atMs = this.#nowMs + delayMs;
    const after = this.#tasks.findIndex((task) => task.atMs > atMs);
    this.#tasks.splice(after === -1 ? this.#tasks.length : after, 0, { atMs, run });
  }
}
