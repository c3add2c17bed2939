import type { MeshAction } from "#mesh";
import {
  type PeerId,
  type PeerMessage,
  type PeerRecord,
  peerMessageBytes,
  type StreamDescriptor,
} from "#protocol";
import { EventQueue } from "./event-queue.ts";
import { SIM_STREAM_ID, simPeerId } from "./ids.ts";
import { Invariants } from "./invariants.ts";
import { Histogram, ViewerRecord } from "./measure.ts";
import { MediaSource, type SimBlock } from "./media-source.ts";
import { type Due, Network } from "./network.ts";
import { type PeerTraits, Population } from "./population.ts";
import { exponential, heavyTailed, type Random, seededRandom } from "./random.ts";
import type { Incident, Scenario } from "./scenario.ts";
import { SimPeer, type World } from "./viewer.ts";

/** To tracker and origin, one way, in ms. */
const SERVER_ONE_WAY_MS = 20;
/** Peers named in one answer of the tracker, as in protocol. */
const INTRODUCE_MAX = 16;
/** How many peers a newcomer asks to be told of. */
const INTRODUCE_AT_JOIN = 12;
/** Those who announced themselves last, of whom half of an answer is drawn. */
const RECENT = 40;
/** The playhead is told this often. */
const PLAYBACK_MS = 1000;
/** Join bursts the origin gives, as share of the stream's rate, and how many at once. */
const JOIN_SHARE = 0.25;
const JOIN_BURST = 4;

/** What the source side sent, in message bytes. */
export type SourceBytes = { origin: number; join: number };

/** A swarm in virtual time: everything a run consists of, from its scenario and one seed. */
export class Simulation implements World {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly random: Random;
  readonly cpu: Scenario["cpu"];
  readonly network: Network;
  readonly media: MediaSource;
  readonly seeder: SimPeer;
  readonly peers = new Map<PeerId, SimPeer>();
  /** Every viewer that ever was, in order of joining. */
  readonly viewers: SimPeer[] = [];
  readonly sourceBytes: SourceBytes = { origin: 0, join: 0 };
  readonly delays = new Histogram();
  readonly invariants: Invariants;
  nowMs = 0;
  /** Changes with everything that any viewer gets, and when: the same seed has the same. */
  hash = 0x811c9dc5;
  controlMessages = 0;
  eventCount = 0;
  isTrackerUp = true;
  isOriginUp = true;
  readonly #queue = new EventQueue<Due>();
  readonly #population: Population;
  /** The tracker's list, for drawing. */
  readonly #announced: SimPeer[] = [];
  readonly #descriptor: StreamDescriptor;
  #joinTokens = JOIN_BURST;
  #joinTokensAtMs = 0;
  #nextId = 0;

  constructor(scenario: Scenario, seed: number) {
    this.scenario = scenario;
    this.seed = seed;
    this.cpu = scenario.cpu;
    this.random = seededRandom(seed);
    this.network = new Network(scenario, this.#queue, this.random);
    this.media = new MediaSource(scenario.stream);
    this.#population = new Population(scenario, this.random);
    this.#descriptor = describe(scenario);
    this.invariants = new Invariants(this);
    this.seeder = this.#add("seeder", this.#seederTraits());
    this.after(0, () => this.#publish());
    this.#schedule();
  }

  /** Run to this time. */
  run(untilMs: number): void {
    while (this.#queue.nextAtMs <= untilMs) {
      this.nowMs = this.#queue.nextAtMs;
      this.network.nowMs = this.nowMs;
      this.eventCount++;
      this.#queue.pop().run(this.nowMs);
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

  // What peers do

  send(from: SimPeer, to: PeerId, message: PeerMessage): void {
    this.invariants.sending(from, to, message);
    if (message.type !== "block") this.controlMessages++;
    this.network.send(from.host, to, message, peerMessageBytes(message));
  }

  connect(from: SimPeer, to: PeerId): void {
    const other = this.peers.get(to);
    const signalingMs = 2 * SERVER_ONE_WAY_MS;
    const isSignaled = this.isTrackerUp;
    this.network.connect(from.host, isSignaled ? other?.host : undefined, signalingMs, (isOpen) => {
      if (!isOpen || other === undefined) {
        return from.step({ type: "connect-failed", peer: to });
      }
      const meet = (peer: SimPeer, met: SimPeer) =>
        peer.step({
          type: "neighbor-connected",
          peer: recordOf(met),
          isDialed: peer === from,
        });
      meet(from, other);
      meet(other, from);
    });
  }

  disconnect(from: SimPeer, peer: PeerId): void {
    this.network.disconnect(from.host, peer);
  }

  findPeers(from: SimPeer, want: number): void {
    if (!this.isTrackerUp) return;
    this.after(2 * SERVER_ONE_WAY_MS, () => from.introduced(this.#introduce(from, want)));
  }

  join(from: SimPeer): void {
    if (!this.isOriginUp) return;
    this.after(3 * SERVER_ONE_WAY_MS, () => {
      const blocks = this.#takeJoinToken() ? this.media.joinBlocks() : [];
      for (const block of blocks) this.sourceBytes.join += block.bytes.length;
      from.step({ type: "join-received", blocks });
    });
  }

  fetch(from: SimPeer, action: MeshAction & { type: "fetch" }): void {
    const { track, sequence, indexes } = action;
    this.after(2 * SERVER_ONE_WAY_MS, () => {
      const chunk = this.isOriginUp ? this.media.chunk(track, sequence) : [];
      const blocks = chunk.filter(({ index }) => indexes?.includes(index) ?? true);
      if (blocks.length > 0) {
        for (const block of blocks) this.sourceBytes.origin += block.bytes.length;
        from.step({ type: "chunk-fetched", track, sequence, blocks });
      } else if (this.isOriginUp && sequence < this.media.chunkCount + 10) {
        this.after(50, () => this.fetch(from, action));
      } else {
        from.step({ type: "fetch-failed", track, sequence });
      }
    });
  }

  // What is measured

  accepted(by: SimPeer, block: SimBlock): void {
    if (!by.record.took(block)) return;
    const isMeasured = block.publishedAtMs >= this.scenario.measureFromMs;
    if (isMeasured && by.record.joinedAtMs + 5000 < this.nowMs) {
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

  // How it goes on

  #schedule(): void {
    const { scenario } = this;
    const { peers, arrival, incidents, churnPerMinute } = scenario;
    for (let i = 0; i < peers; i++) {
      this.after(1000 + (arrival.overMs * i) / peers, () => this.#arrive());
    }
    for (const incident of incidents) this.after(incident.atMs, () => this.#happen(incident));
    if (churnPerMinute > 0) {
      const meanMs = 60_000 / (churnPerMinute * peers);
      const next = () => {
        this.#replaceOne();
        this.after(exponential(this.random, meanMs), next);
      };
      this.after(scenario.measureFromMs + exponential(this.random, meanMs), next);
    }
    const check = () => {
      this.invariants.everySecond();
      this.after(1000, check);
    };
    this.after(1000, check);
  }

  #publish(): void {
    const blocks = this.media.publish(this.nowMs);
    this.seeder.step({ type: "blocks-published", blocks });
    this.after(this.scenario.stream.chunkMs, () => this.#publish());
  }

  #arrive(): SimPeer {
    const viewer = this.#add("viewer", this.#population.draw());
    this.viewers.push(viewer);
    this.#announced.push(viewer);
    this.join(viewer);
    if (this.isTrackerUp) {
      this.after(3 * SERVER_ONE_WAY_MS, () =>
        viewer.introduced(this.#introduce(viewer, INTRODUCE_AT_JOIN)),
      );
    }
    const play = () => {
      if (viewer.host.isGone) return;
      const playheadSourceMs = this.nowMs - this.scenario.playoutMs;
      viewer.step({ type: "playback", playheadSourceMs });
      this.after(PLAYBACK_MS, play);
    };
    this.after(500, play);
    return viewer;
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
      engineOptions: role === "seeder" ? seederOptions : options,
    });
    this.peers.set(peer.id, peer);
    this.after(0, () => peer.step({ type: "tick" }));
    return peer;
  }

  #remove(viewer: SimPeer): void {
    viewer.record.leftAtMs = this.nowMs;
    this.network.vanish(viewer.host);
    this.peers.delete(viewer.id);
    // The tracker's connection tells it a little later.
    this.after(1000, () => {
      const at = this.#announced.indexOf(viewer);
      const last = this.#announced.pop();
      if (at >= 0 && last !== undefined && last !== viewer) this.#announced[at] = last;
      else if (at < 0 && last !== undefined) this.#announced.push(last);
    });
  }

  /** Who leaves: newcomers rather than those who have stayed long, as heavy tails have it. */
  #replaceOne(): void {
    const alive = this.aliveViewers;
    const patience = heavyTailed(this.random, 1);
    const at = Math.min(alive.length - 1, Math.floor(alive.length / (1 + patience)));
    const leaver = alive[alive.length - 1 - Math.floor(this.random() * (at + 1))];
    if (leaver !== undefined) this.#remove(leaver);
    this.#arrive();
  }

  #happen(incident: Incident): void {
    const some = (share: number) => this.aliveViewers.filter(() => this.random() < share);
    switch (incident.type) {
      case "vanish":
        for (const viewer of some(incident.share)) this.#remove(viewer);
        return;
      case "crowd":
        for (let i = 0; i < incident.viewers; i++) {
          this.after((incident.overMs * i) / incident.viewers, () => this.#arrive());
        }
        return;
      case "seeder-cut":
        this.seeder.host.isCut = true;
        this.after(incident.forMs, () => {
          this.seeder.host.isCut = false;
        });
        return;
      case "tracker-lost":
        this.isTrackerUp = false;
        return;
      case "origin-lost":
        this.isOriginUp = false;
        return;
      case "slow-uplinks":
        for (const { host } of some(incident.share)) host.uplinkBps *= incident.factor;
        return;
      case "turn":
        for (const viewer of some(incident.share)) viewer.misbehavior = incident.into;
        return;
    }
  }

  /** The tracker's answer: the seeder, and a random sample of the others. */
  #introduce(to: SimPeer, want: number): PeerRecord[] {
    const others = new Set<SimPeer>();
    const count = Math.min(want, INTRODUCE_MAX, this.#announced.length - 1);
    for (let tries = 0; others.size < count && tries < 4 * INTRODUCE_MAX; tries++) {
      // Every other one from those who came last: they have places left.
      const among =
        tries % 2 === 0 ? this.#announced.length : Math.min(this.#announced.length, RECENT);
      const at = this.#announced.length - 1 - Math.floor(this.random() * among);
      const drawn = this.#announced[at];
      if (drawn !== undefined && drawn !== to) others.add(drawn);
    }
    return [recordOf(this.seeder), ...[...others].map(recordOf)];
  }

  #takeJoinToken(): boolean {
    const perSecond = (JOIN_SHARE * 1000) / this.scenario.stream.segmentMs;
    const elapsedMs = this.nowMs - this.#joinTokensAtMs;
    this.#joinTokens = Math.min(JOIN_BURST, this.#joinTokens + (perSecond * elapsedMs) / 1000);
    this.#joinTokensAtMs = this.nowMs;
    if (this.#joinTokens < 1) return false;
    this.#joinTokens--;
    return true;
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
      isHidden: false,
      misbehavior: undefined,
    };
  }

  /** FNV-1a, a number at a time. */
  #mix(value: number): void {
    this.hash = Math.imul(this.hash ^ (value | 0), 0x01000193) >>> 0;
  }
}

function recordOf(peer: SimPeer): PeerRecord {
  return { peerId: peer.id, role: peer.role };
}

/** Upper bound, for tables: a key chunk's blocks and the audio. */
function blocksPerChunk({ bitrateBps, chunkMs }: Scenario["stream"]): number {
  return Math.ceil((bitrateBps * chunkMs) / 8000 / 16_000) * 2 + 2;
}

function describe(scenario: Scenario): StreamDescriptor {
  const { stream, scheduler, overlay } = scenario;
  const track = { initVersion: 0, init: "00" };
  return {
    version: 1,
    streamId: SIM_STREAM_ID,
    publicKey: "04".repeat(65),
    revision: 1,
    title: scenario.name,
    startedAtMs: 0,
    isLive: true,
    chunkMs: stream.chunkMs,
    scheduler,
    overlay,
    origins: [""],
    tracks: [
      {
        ...track,
        id: "v0",
        kind: "video",
        codec: "avc1.64001f",
        stripes: stream.stripes,
        bitrateBps: stream.bitrateBps - 96_000,
      },
      {
        ...track,
        id: "a0",
        kind: "audio",
        codec: "mp4a.40.2",
        stripes: 1,
        bitrateBps: 96_000,
      },
    ],
  };
}
