import type { MeshAction, MeshEvent } from "#mesh";
import {
  type PeerId,
  type PeerMessage,
  peerMessageBytes,
  type StreamDescriptor,
  USUAL_BLOCK_PAYLOAD_BYTES,
} from "#protocol";
import { describeStream } from "./describe-stream.ts";
import { EventQueue } from "./event-queue.ts";
import type { Due } from "./host.ts";
import { simPeerId } from "./ids.ts";
import { Invariants } from "./invariants.ts";
import { Histogram, ViewerRecord } from "./measure.ts";
import { MediaSource, type SimBlock } from "./media-source.ts";
import { Negotiations } from "./negotiation.ts";
import { Network } from "./network.ts";
import { Origin } from "./origin.ts";
import { type PeerTraits, Population } from "./population.ts";
import { type Random, seededRandom } from "./random.ts";
import { relayOptions } from "./relay.ts";
import type { Scenario } from "./scenario.ts";
import { scheduleScenario } from "./schedule.ts";
import { recordOf, Tracker } from "./tracker.ts";
import { type PlugIns, SimPeer, type World } from "./viewer.ts";

/** To tracker and origin, one way, in ms. */
const SERVER_ONE_WAY_MS = 20;
/** How many peers a newcomer asks to be told of. */
const INTRODUCE_AT_JOIN = 12;
/** The tracker notices that a connection is gone after this, in ms. */
const TRACKER_NOTICES_MS = 1000;
/** The playhead is told this often, and first after this, in ms. */
const PLAYBACK_MS = 1000;
const FIRST_PLAYBACK_MS = 500;
/** The origin looks this often whether a held request can be answered, in ms. */
const HELD_MS = 50;
/** Delays count from this time after joining, in ms: trees are found by then. */
const SETTLED_MS = 5000;

/** A swarm in virtual time: everything a run consists of, from its scenario and one seed. */
export class Simulation implements World {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly random: Random;
  readonly cpu: Scenario["cpu"];
  readonly network: Network;
  readonly media: MediaSource;
  readonly tracker: Tracker;
  readonly origin: Origin;
  readonly seeder: SimPeer;
  readonly peers = new Map<PeerId, SimPeer>();
  /** Every viewer that ever was, in order of joining. */
  readonly viewers: SimPeer[] = [];
  readonly delays = new Histogram();
  readonly invariants: Invariants;
  nowMs = 0;
  /** Changes with everything that any viewer gets, and when: the same seed has the same. */
  hash = 0x811c9dc5;
  controlMessages = 0;
  eventCount = 0;
  readonly #queue = new EventQueue<Due>();
  readonly #population: Population;
  readonly #negotiations: Negotiations;
  readonly #descriptor: StreamDescriptor;
  readonly #plugIns: PlugIns;
  #nextId = 0;

  constructor(scenario: Scenario, seed: number, plugIns: PlugIns = {}) {
    this.#plugIns = plugIns;
    this.scenario = scenario;
    this.seed = seed;
    this.cpu = scenario.cpu;
    this.random = seededRandom(seed);
    this.network = new Network(scenario, this.#queue, this.random);
    this.media = new MediaSource(scenario.stream);
    const { topology } = plugIns;
    const isLinked = (a: PeerId, b: PeerId) =>
      topology?.[a]?.includes(b) === true || topology?.[b]?.includes(a) === true;
    this.tracker = new Tracker(this.random, topology && isLinked);
    this.origin = new Origin(this.media, scenario.stream);
    this.#population = new Population(scenario, this.random);
    this.#negotiations = new Negotiations({
      after: (delayMs, run) => this.after(delayMs, run),
      answered: (from, to) => this.#open(from, to, 0),
    });
    this.#descriptor = describeStream(scenario);
    this.invariants = new Invariants(this);
    this.seeder = this.#add("seeder", this.#seederTraits());
    this.tracker.announce(this.seeder);
    this.after(0, () => this.#admit(this.seeder));
    this.after(0, () => this.#publish());
    this.#checkEverySecond();
    scheduleScenario(this);
  }

  /** Run to this time. */
  run(untilMs: number): void {
    while (this.#queue.nextAtMs <= untilMs) {
      this.nowMs = this.#queue.nextAtMs;
      this.network.nowMs = this.nowMs;
      this.eventCount++;
      this.#queue.pop().run(this.nowMs);
      this.invariants.afterEvent();
    }
    this.nowMs = untilMs;
    this.network.nowMs = untilMs;
  }

  get aliveViewers(): SimPeer[] {
    return this.viewers.filter((viewer) => !viewer.host.isGone);
  }

  after(delayMs: number, run: () => void): void {
    this.#queue.push(this.nowMs + Math.max(0, delayMs), { run });
  }

  at(atMs: number, due: Due): void {
    this.#queue.push(Math.max(this.nowMs, atMs), due);
  }

  // What peers do

  send(from: SimPeer, to: PeerId, message: PeerMessage): void {
    this.invariants.sending(from, to, message);
    if (message.type !== "block") this.controlMessages++;
    this.network.send(from.host, to, message, peerMessageBytes(message));
  }

  connect(from: SimPeer, to: PeerId, via: PeerId | undefined): void {
    if (this.tracker.isUp || via === undefined) this.#open(from, to, 2 * SERVER_ONE_WAY_MS);
    else this.#negotiations.offer(from, to, via);
  }

  signaled(by: SimPeer, action: MeshAction & { type: "receive-signal" }): void {
    this.#negotiations.received(by, action);
  }

  disconnect(from: SimPeer, peer: PeerId): void {
    this.network.disconnect(from.host, peer);
    this.parted(from, peer);
  }

  parted(peer: SimPeer, from: PeerId): void {
    this.invariants.parted(peer.id, from);
  }

  findPeers(from: SimPeer, want: number): void {
    this.after(2 * SERVER_ONE_WAY_MS, () => {
      if (this.tracker.isUp) from.introduced(this.tracker.introduce(from, want));
    });
  }

  join(from: SimPeer): void {
    this.after(3 * SERVER_ONE_WAY_MS, () => {
      if (!this.origin.isUp) return;
      from.step({ type: "join-received", blocks: this.origin.join(this.nowMs) });
    });
  }

  fetch(from: SimPeer, action: MeshAction & { type: "fetch" }): void {
    const { track, sequence, indexes } = action;
    this.after(2 * SERVER_ONE_WAY_MS, () => {
      const blocks = this.origin.fetch(track, sequence, indexes);
      if (blocks === "wait") this.after(HELD_MS, () => this.fetch(from, action));
      else if (blocks === undefined) from.step({ type: "fetch-failed", track, sequence });
      else from.step({ type: "chunk-fetched", track, sequence, blocks });
    });
  }

  // What is measured

  accepted(by: SimPeer, block: SimBlock): void {
    if (!by.record.took(block)) return;
    const isMeasured = block.publishedAtMs >= this.scenario.measureFromMs;
    if (isMeasured && by.record.joinedAtMs + SETTLED_MS < this.nowMs) {
      this.delays.add(this.nowMs - block.publishedAtMs);
    }
  }

  delivered(by: SimPeer, { chunk }: MeshAction & { type: "deliver" }): void {
    const { track, sequence, isIndependent, sourceTimeMs } = chunk;
    const ageMs = this.nowMs - sourceTimeMs;
    const isNew = by.record.delivered(track, sequence, isIndependent, ageMs, this.nowMs);
    this.invariants.delivered(by, isNew, track, sequence);
    this.#mix(by.record.joinedAtMs + sequence * 31 + track);
    this.#mix(Math.round(this.nowMs * 16));
  }

  crashed(peer: SimPeer, event: MeshEvent, error: unknown): void {
    this.invariants.crashed(peer, event, error);
    this.vanish(peer);
  }

  // Who comes and goes

  arrive(): void {
    const viewer = this.#add("viewer", this.#population.draw());
    this.viewers.push(viewer);
    this.join(viewer);
    if (this.tracker.isUp) {
      this.tracker.announce(viewer);
      this.after(3 * SERVER_ONE_WAY_MS, () => {
        this.#admit(viewer);
        viewer.introduced(this.tracker.introduce(viewer, INTRODUCE_AT_JOIN));
      });
    }
    const play = () => {
      if (viewer.host.isGone) return;
      const playheadSourceMs = this.nowMs - this.scenario.playoutMs;
      viewer.step({ type: "playback", playheadSourceMs });
      this.after(PLAYBACK_MS, play);
    };
    this.after(FIRST_PLAYBACK_MS, play);
  }

  /** An attacker whom everybody can reach. It is no viewer, and the tracker does not name it. */
  intrude(): SimPeer {
    const misbehavior = "eclipser";
    return this.#add("viewer", { ...this.#population.draw(), misbehavior, isHardNat: false });
  }

  /** Gone without a word. */
  vanish(viewer: SimPeer): void {
    viewer.record.leftAtMs = this.nowMs;
    this.network.vanish(viewer.host);
    this.peers.delete(viewer.id);
    this.after(TRACKER_NOTICES_MS, () => this.tracker.forget(viewer));
  }

  #add(role: "viewer" | "seeder", traits: PeerTraits): SimPeer {
    const { durationMs, stream, options, seederOptions } = this.scenario;
    const chunks = role === "viewer" ? Math.ceil(durationMs / stream.chunkMs) + 2 : 0;
    const peer = new SimPeer(this, {
      id: simPeerId(this.#nextId++),
      role,
      traits,
      descriptor: this.#descriptor,
      record: new ViewerRecord(this.nowMs, 2, chunks, chunks * blocksPerChunk(stream)),
      engineOptions:
        role === "seeder"
          ? seederOptions
          : { ...options, ...(traits.isRelay && relayOptions(traits.uplinkBps)) },
      plugIns: this.#plugIns,
    });
    this.peers.set(peer.id, peer);
    this.after(0, () => peer.step({ type: "tick" }));
    return peer;
  }

  /** The tracker's signed word, which lets a peer be named to others by its neighbors. */
  #admit(peer: SimPeer): void {
    peer.step({ type: "membership", own: this.tracker.membership(peer, this.nowMs) });
  }

  #open(from: SimPeer, to: PeerId, signalingMs: number): void {
    const other = this.peers.get(to);
    // Without negotiation a dial comes to nothing.
    const isSignaled = this.tracker.isUp || signalingMs === 0;
    const host = isSignaled ? other?.host : undefined;
    this.network.connect(from.host, host, signalingMs, (isOpen) => {
      if (!isOpen || other === undefined) return from.step({ type: "connect-failed", peer: to });
      from.step({ type: "neighbor-connected", peer: recordOf(other), isDialed: true });
      other.step({ type: "neighbor-connected", peer: recordOf(from), isDialed: false });
    });
  }

  #publish(): void {
    const blocks = this.media.publish(this.nowMs);
    this.seeder.step({ type: "blocks-published", blocks });
    this.after(this.scenario.stream.chunkMs, () => this.#publish());
  }

  #checkEverySecond(): void {
    this.after(1000, () => {
      this.invariants.everySecond();
      this.#checkEverySecond();
    });
  }

  #seederTraits(): PeerTraits {
    const { stream, seederUplinkOfStreamRate } = this.scenario;
    return {
      uplinkBps: seederUplinkOfStreamRate * stream.bitrateBps,
      downlinkBps: 100 * stream.bitrateBps,
      x: 0.5,
      y: 0.5,
      lan: -1,
      isHardNat: false,
      hasTurn: false,
      isHidden: false,
      isRelay: false,
      misbehavior: undefined,
    };
  }

  /** FNV-1a, a number at a time. */
  #mix(value: number): void {
    this.hash = Math.imul(this.hash ^ (value | 0), 0x01000193) >>> 0;
  }
}

/** Upper bound, for tables: a key chunk's blocks and the audio. */
function blocksPerChunk({ bitrateBps, chunkMs }: Scenario["stream"]): number {
  return Math.ceil((bitrateBps * chunkMs) / 8000 / USUAL_BLOCK_PAYLOAD_BYTES) * 2 + 2;
}
