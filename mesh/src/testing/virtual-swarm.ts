import {
  type Block,
  decodePeerMessage,
  encodePeerMessage,
  type PeerId,
  type PeerRecord,
  type Role,
  USUAL_BLOCK_PAYLOAD_BYTES,
} from "#protocol";
import type { MeshAction, MeshChunk, MeshEvent } from "../events.ts";
import { MeshEngine } from "../mesh-engine.ts";
import type { MeshOptions } from "../options.ts";
import { TREELESS_SCHEDULERS } from "../treeless/index.ts";
import { isGenuine, seededRandom, testBlocks, testDescriptor, testPeerId } from "./test-stream.ts";

export type SwarmSettings = {
  seed?: number;
  /** One way, between any two peers. */
  latencyMs?: number;
  /** Share of the latency by which each message varies: 0.2 is ±20 %. */
  jitter?: number;
  uplinkBps?: number;
  /** Latency of what the viewers show, for deadlines. */
  targetLatencyMs?: number;
  options?: Partial<MeshOptions>;
  seederOptions?: Partial<MeshOptions>;
  /** Whether there is a second rendition of the picture, track 2, at half the rate. Default false. */
  hasSecondRendition?: boolean;
};

export type VirtualPeer = {
  id: PeerId;
  role: Role;
  engine: MeshEngine;
  /** What the sink got, and when. */
  delivered: { chunk: MeshChunk; atMs: number }[];
  uplinkFreeAtMs: number;
  wakeAtMs: number;
  /** Whatever comes before this time is looked at then. */
  busyUntilMs: number;
  isGone: boolean;
};

const CONNECT_ROUND_TRIPS = 3;
const VIDEO_CHUNK_BYTES = 25_000;
const AUDIO_CHUNK_BYTES = 2_400;
const SECOND_VIDEO_CHUNK_BYTES = 12_500;
const CHUNK_MS = 200;

type Task = { atMs: number; order: number; run: () => void };

/**
 * A seeder, viewers, a tracker and an origin in virtual time, in one process, with real engines and
 * real message bytes. Source clock and local clocks are one. Every run with one seed is the same.
 */
export class VirtualSwarm {
  nowMs = 0;
  readonly peers = new Map<PeerId, VirtualPeer>();
  readonly seeder: VirtualPeer;
  originBytes = 0;
  copyBytes = 0;
  isOriginUp = true;
  /** Return true to lose a message. */
  loses: (from: PeerId, to: PeerId) => boolean = () => false;
  readonly #settings: Required<SwarmSettings>;
  readonly #random: () => number;
  readonly #links = new Set<string>();
  readonly #published = new Map<string, Block[]>();
  #tasks: Task[] = [];
  #order = 0;
  #sequence = 0;

  constructor(settings: SwarmSettings = {}) {
    this.#settings = {
      seed: 1,
      latencyMs: 20,
      jitter: 0.2,
      uplinkBps: 10_000_000,
      targetLatencyMs: 1000,
      options: {},
      seederOptions: {},
      hasSecondRendition: false,
      ...settings,
    };
    this.#random = seededRandom(this.#settings.seed);
    this.seeder = this.add("seeder", "seeder", this.#settings.seederOptions);
    this.#publish();
  }

  /**
   * A newcomer: joins by the origin and is introduced to everybody there.
   * @param tracks Those it takes. Default all.
   */
  join(name: string, options: Partial<MeshOptions> = {}, tracks?: readonly number[]): VirtualPeer {
    const peer = this.add(name, "viewer", options, tracks);
    this.#later(2 * this.#settings.latencyMs, () => {
      if (this.isOriginUp) this.#step(peer, { type: "join-received", blocks: this.#joinBlocks() });
      this.#step(peer, { type: "peers-introduced", peers: this.#records(peer.id, 8) });
    });
    const playback = () => {
      if (peer.isGone) return;
      const playheadSourceMs = this.nowMs - this.#settings.targetLatencyMs;
      this.#step(peer, { type: "playback", playheadSourceMs });
      this.#later(250, playback);
    };
    this.#later(500, playback);
    return peer;
  }

  add(
    name: string,
    role: Role,
    options: Partial<MeshOptions> = {},
    tracks?: readonly number[],
  ): VirtualPeer {
    const id = testPeerId(name);
    const engine = new MeshEngine({
      self: id,
      role,
      descriptor: this.#descriptor,
      schedulers: TREELESS_SCHEDULERS,
      ...(tracks === undefined ? {} : { tracks }),
      signedDescriptor: { body: new Uint8Array(2), signature: new Uint8Array(64) },
      random: this.#random,
      options: { ...this.#settings.options, ...options },
    });
    const peer: VirtualPeer = {
      id,
      role,
      engine,
      delivered: [],
      uplinkFreeAtMs: 0,
      wakeAtMs: Number.POSITIVE_INFINITY,
      busyUntilMs: 0,
      isGone: false,
    };
    this.peers.set(id, peer);
    this.#later(0, () => this.#step(peer, { type: "tick" }));
    return peer;
  }

  /** The peer vanishes without a word. */
  kill(peer: VirtualPeer): void {
    peer.isGone = true;
    this.peers.delete(peer.id);
    for (const link of [...this.#links]) if (link.includes(peer.id)) this.#links.delete(link);
  }

  /** The peer's machine has no time for it for so long, in ms; what waits meanwhile is done then. */
  stall(peer: VirtualPeer, forMs: number): void {
    peer.busyUntilMs = this.nowMs + forMs;
  }

  /** Feed an event from outside, as a hostile network would. */
  inject(peer: VirtualPeer, event: MeshEvent): void {
    this.#step(peer, event);
  }

  run(untilMs: number): void {
    for (;;) {
      const next = this.#tasks[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#pop();
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
  }

  get #descriptor() {
    const { tracks } = testDescriptor();
    const [first] = tracks;
    if (!this.#settings.hasSecondRendition || first === undefined) return testDescriptor();
    const second = { ...first, id: "v1", bitrateBps: first.bitrateBps / 2 };
    return testDescriptor({ tracks: [...tracks, second] });
  }

  get viewers(): VirtualPeer[] {
    return [...this.peers.values()].filter((peer) => peer.role === "viewer");
  }

  /** Share of what was published between two times that the viewer got within the latency. */
  continuity(peer: VirtualPeer, fromMs: number, toMs: number, latencyMs: number): number {
    const due = [...this.#published.values()].filter(([block]) => {
      const timeMs = block?.sourceTimeMs ?? 0;
      return timeMs >= fromMs && timeMs < toMs;
    });
    const inTime = peer.delivered.filter(
      ({ chunk, atMs }) =>
        chunk.sourceTimeMs >= fromMs &&
        chunk.sourceTimeMs < toMs &&
        atMs - chunk.sourceTimeMs <= latencyMs,
    );
    return inTime.length / Math.max(1, due.length);
  }

  #publish(): void {
    const sourceTimeMs = Math.max(0, this.nowMs - CHUNK_MS);
    const sequence = this.#sequence++;
    const chunks = [
      { track: 0, sequence, sourceTimeMs, sizeBytes: VIDEO_CHUNK_BYTES },
      { track: 1, sequence, sourceTimeMs, sizeBytes: AUDIO_CHUNK_BYTES },
      ...(this.#settings.hasSecondRendition
        ? [{ track: 2, sequence, sourceTimeMs, sizeBytes: SECOND_VIDEO_CHUNK_BYTES }]
        : []),
    ].map((chunk) => testBlocks(chunk, USUAL_BLOCK_PAYLOAD_BYTES));
    for (const [track, blocks] of chunks.entries()) {
      this.#published.set(`${track}/${sequence}`, blocks);
      this.copyBytes += blocks.reduce((sum, block) => sum + block.bytes.length, 0);
    }
    if (!this.seeder.isGone) {
      this.#step(this.seeder, { type: "blocks-published", blocks: chunks.flat() });
    }
    this.#later(CHUNK_MS, () => this.#publish());
  }

  #joinBlocks(): Block[] {
    const newest = this.#sequence - 1;
    const start = Math.max(0, Math.floor((newest - 2) / 5) * 5);
    const blocks: Block[] = [];
    for (let sequence = start; sequence <= newest; sequence++) {
      for (const track of this.#descriptor.tracks.keys()) {
        blocks.push(...(this.#published.get(`${track}/${sequence}`) ?? []));
      }
    }
    this.originBytes += blocks.reduce((sum, block) => sum + block.bytes.length, 0);
    return blocks;
  }

  #records(except: PeerId, want: number): PeerRecord[] {
    const others = [...this.peers.values()].filter((peer) => peer.id !== except);
    const viewers = others.filter((peer) => peer.role === "viewer");
    const sample = viewers
      .map((peer) => ({ peer, key: this.#random() }))
      .sort((a, b) => a.key - b.key)
      .slice(0, want)
      .map(({ peer }) => peer);
    const seeders = others.filter((peer) => peer.role === "seeder");
    return [...seeders, ...sample].map(({ id, role }) => ({ peerId: id, role }));
  }

  #step(peer: VirtualPeer, event: MeshEvent): void {
    if (peer.isGone) return;
    if (peer.busyUntilMs > this.nowMs) {
      this.#later(peer.busyUntilMs - this.nowMs, () => this.#step(peer, event));
      return;
    }
    for (const action of peer.engine.step(event, this.nowMs)) this.#perform(peer, action);
    const { wakeAtMs } = peer.engine;
    if (wakeAtMs >= peer.wakeAtMs && peer.wakeAtMs > this.nowMs) return;
    if (wakeAtMs === Number.POSITIVE_INFINITY) return;
    peer.wakeAtMs = wakeAtMs;
    this.#later(Math.max(0, wakeAtMs - this.nowMs), () => {
      if (peer.wakeAtMs !== wakeAtMs) return;
      peer.wakeAtMs = Number.POSITIVE_INFINITY;
      this.#step(peer, { type: "tick" });
    });
  }

  #perform(peer: VirtualPeer, action: MeshAction): void {
    switch (action.type) {
      case "send": {
        const bytes = encodePeerMessage(action.message);
        const serialMs = (bytes.length * 8000) / this.#settings.uplinkBps;
        peer.uplinkFreeAtMs = Math.max(this.nowMs, peer.uplinkFreeAtMs) + serialMs;
        const delayMs = peer.uplinkFreeAtMs - this.nowMs + this.#oneWayMs();
        this.#later(delayMs, () => this.#arrive(peer.id, action.to, bytes));
        return;
      }
      case "connect":
        this.#later(2 * CONNECT_ROUND_TRIPS * this.#oneWayMs(), () =>
          this.#connect(peer, action.peer),
        );
        return;
      case "disconnect":
        this.#later(this.#settings.latencyMs, () => this.#disconnect(peer.id, action.peer));
        return;
      case "verify":
        this.#later(0, () => {
          const { from, block } = action;
          this.#step(peer, { type: "block-verified", from, block, isValid: isGenuine(block) });
        });
        return;
      case "deliver":
        peer.delivered.push({ chunk: action.chunk, atMs: this.nowMs });
        return;
      case "fetch":
        this.#later(2 * this.#oneWayMs(), () => this.#answerFetch(peer, action));
        return;
      case "join":
        return;
      case "find-peers":
        this.#later(2 * this.#oneWayMs(), () =>
          this.#step(peer, {
            type: "peers-introduced",
            peers: this.#records(peer.id, action.want),
          }),
        );
        return;
      case "verify-descriptor":
        return;
    }
  }

  #answerFetch(peer: VirtualPeer, { track, sequence }: { track: number; sequence: number }): void {
    const blocks = this.isOriginUp ? this.#published.get(`${track}/${sequence}`) : undefined;
    if (blocks === undefined) {
      if (this.isOriginUp && sequence < this.#sequence + 10) {
        this.#later(50, () => this.#answerFetch(peer, { track, sequence }));
      } else {
        this.#step(peer, { type: "fetch-failed", track, sequence });
      }
      return;
    }
    this.originBytes += blocks.reduce((sum, block) => sum + block.bytes.length, 0);
    this.#step(peer, { type: "chunk-fetched", track, sequence, blocks });
  }

  #arrive(from: PeerId, to: PeerId, bytes: Uint8Array): void {
    const peer = this.peers.get(to);
    if (peer === undefined || !this.#links.has(linkName(from, to)) || this.loses(from, to)) return;
    const message = decodePeerMessage(bytes);
    this.#step(peer, { type: "message-received", from, message, sizeBytes: bytes.length });
  }

  #connect(dialer: VirtualPeer, to: PeerId): void {
    const answerer = this.peers.get(to);
    if (dialer.isGone) return;
    if (answerer === undefined) {
      this.#later(3000, () => this.#step(dialer, { type: "connect-failed", peer: to }));
      return;
    }
    this.#links.add(linkName(dialer.id, to));
    const connected = (peer: VirtualPeer, other: VirtualPeer) =>
      this.#step(peer, {
        type: "neighbor-connected",
        peer: { peerId: other.id, role: other.role },
        isDialed: peer === dialer,
      });
    connected(dialer, answerer);
    connected(answerer, dialer);
  }

  #disconnect(by: PeerId, other: PeerId): void {
    if (!this.#links.delete(linkName(by, other))) return;
    const peer = this.peers.get(other);
    if (peer !== undefined) this.#step(peer, { type: "neighbor-disconnected", peer: by });
  }

  #oneWayMs(): number {
    const { latencyMs, jitter } = this.#settings;
    return latencyMs * (1 + jitter * (2 * this.#random() - 1));
  }

  #later(delayMs: number, run: () => void): void {
    const task: Task = { atMs: this.nowMs + delayMs, order: this.#order++, run };
    const tasks = this.#tasks;
    let at = tasks.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = tasks[parent];
      if (above === undefined || isBefore(above, task)) break;
      tasks[at] = above;
      at = parent;
    }
    tasks[at] = task;
  }

  #pop(): void {
    const tasks = this.#tasks;
    const last = tasks.pop();
    if (last === undefined || tasks.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = tasks[child];
      const right = tasks[child + 1];
      if (left === undefined) break;
      let least = left;
      if (right !== undefined && isBefore(right, left)) {
        least = right;
        child++;
      }
      if (isBefore(last, least)) break;
      tasks[at] = least;
      at = child;
    }
    tasks[at] = last;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function linkName(a: PeerId, b: PeerId): string {
  return a < b ? `${a}-${b}` : `${b}-${a}`;
}
