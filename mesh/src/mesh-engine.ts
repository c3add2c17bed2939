import {
  type Block,
  type ByeReason,
  PEER_PROTOCOL_VERSION,
  type PeerId,
  type PeerMessage,
  type PeerRecord,
  peerMessageBytes,
  type Role,
  type StreamDescriptor,
} from "#protocol";
import { assembleChunk, BlockStore } from "./block-store.ts";
import { Checks } from "./checks.ts";
import type { BlockSender, MeshAction, MeshEvent } from "./events.ts";
import { Exchange } from "./exchange.ts";
import { Inbound } from "./inbound.ts";
import { Liveness } from "./liveness.ts";
import { Lonely } from "./lonely.ts";
import { costOf } from "./message-allowance.ts";
import { Neighbor } from "./neighbor.ts";
import { News } from "./news.ts";
import { DEFAULT_MESH_OPTIONS, type MeshOptions } from "./options.ts";
import { Overlay } from "./overlay/overlay.ts";
import type { OverlayFactory, Topology } from "./overlay/overlay-policy.ts";
import { OVERLAY_FACTORIES } from "./overlay/overlays.ts";
import type { Part } from "./part.ts";
import { Patience } from "./patience.ts";
import { Repair } from "./repair.ts";
import type { Scheduler, SchedulerContext, SchedulerFactory } from "./scheduler.ts";
import { SCHEDULER_FACTORIES } from "./schedulers.ts";
import { Serving } from "./serving.ts";
import type { MeshStats } from "./stats.ts";
import { StripeTable } from "./stripe-table.ts";
import { Timeline } from "./timeline.ts";
import { Uplink } from "./uplink.ts";
import { type UploadPace, UploadQueue } from "./upload-queue.ts";

export type MeshEngineConfig = {
  self: PeerId;
  role: Role;
  /** Signature already checked. */
  descriptor: StreamDescriptor;
  /** What neighbors with an older revision are sent. */
  signedDescriptor: { body: Uint8Array; signature: Uint8Array };
  /** Uniform in [0, 1). Seeded in tests and simulations. */
  random: () => number;
  /** Bytes handed over by `send` actions that have not left this machine. Default: never any. */
  bufferedBytes?: () => number;
  /** Whether links can be opened at all; false where WebRTC is missing or off. Default true. */
  canConnect?: boolean;
  /** The tracks to take part in, by their place in the descriptor. Default: all, whatever comes. */
  tracks?: readonly number[];
  options?: Partial<MeshOptions>;
  /** Strategies beside `striped-push`, by the name a descriptor gives them: those of `#mesh/treeless`, and one's own. */
  schedulers?: Readonly<Record<string, SchedulerFactory>>;
  overlays?: Readonly<Record<string, OverlayFactory>>;
  /** What overlay `static` builds. Default: no links. */
  topology?: Topology;
};

/** A change of the uplink is told to neighbors at most this often, in ms. */
const UPLINK_NEWS_MS = 5000;
/** Housekeeping runs at most this often by itself, in ms; events run it sooner. */
const MIN_PAUSE_MS = 10;

/**
 * What one peer of a swarm does. Events and the time come in, actions go out; no clock, no I/O, no
 * randomness of its own, so the same class runs in browsers, Node and simulations.
 *
 * The driver's law: perform every action of one step, in order, before the next step, and feed a
 * `tick` no later than `wakeAtMs`.
 */
export class MeshEngine {
  readonly #context: SchedulerContext;
  readonly #store: BlockStore;
  readonly #stripes = new StripeTable();
  readonly #timeline: Timeline;
  readonly #scheduler: Scheduler;
  readonly #repair: Repair;
  readonly #lonely: Lonely;
  readonly #inbound: Inbound;
  readonly #news: News;
  readonly #overlay: Overlay;
  readonly #uploads: UploadQueue;
  readonly #liveness: Liveness;
  readonly #uplink: Uplink;
  readonly #serving: Serving;
  readonly #parts: readonly Part[];
  readonly #exchange: Exchange;
  /** Those the engine began with; `#context.options` are those that hold now. */
  readonly #ownOptions: MeshOptions;
  #descriptor: StreamDescriptor;
  #signedDescriptor: { body: Uint8Array; signature: Uint8Array };
  /** `startedAtMs` of the publisher whose sequence numbers we know; undefined before it was live. */
  #numberedByMs: number | undefined;
  #actions: MeshAction[] = [];
  #wakeAtMs = 0;
  #toldUploadBps = 0;
  #toldUploadAtMs = 0;
  #hasLeft = false;
  readonly #bytes = {
    fromPeers: 0,
    fromSeeder: 0,
    fromOrigin: 0,
    uploaded: 0,
    duplicate: 0,
    control: 0,
  };
  readonly #blocks = { received: 0, rejected: 0, repaired: 0 };
  #deliveredCount = 0;

  /** @throws {RangeError} When the descriptor names a scheduler or overlay this version does not have. */
  constructor(config: MeshEngineConfig) {
    const { scheduler, overlay } = config.descriptor;
    const schedulers = { ...SCHEDULER_FACTORIES, ...config.schedulers };
    const makeScheduler = chosen("scheduler", scheduler, schedulers);
    const overlays = { ...OVERLAY_FACTORIES, ...config.overlays };
    const makeOverlay = chosen("overlay", overlay, overlays);
    const options = { ...DEFAULT_MESH_OPTIONS, ...config.options };
    this.#ownOptions = { ...options };
    this.#descriptor = config.descriptor;
    this.#signedDescriptor = config.signedDescriptor;
    this.#numberedByMs = config.descriptor.isLive ? config.descriptor.startedAtMs : undefined;
    this.#store = new BlockStore(options.windowMs);
    const uplink = (): Uplink => this.#uplink;
    this.#context = {
      get uplink() {
        return uplink();
      },
      self: config.self,
      role: config.role,
      options,
      random: config.random,
      neighbors: new Map(),
      patience: new Patience(options.repairSlackMs),
      checks: new Checks(),
      stripes: this.#stripes,
      store: this.#store,
      nowMs: 0,
      forgiveUntilMs: 0,
      sourceOffsetMs: 0,
      emit: (action) => this.#actions.push(action),
      send: (to, message) => this.#send(to, message),
      push: (to, block) => {
        const queuedAtMs = this.#context.nowMs;
        this.#uploads.add({ to, block, isRequested: false, queuedAtMs });
      },
      firstLacking: (stripe) => this.#repair.firstLacking(stripe),
      tellNews: () => this.#news.soon(),
      suggested: (peers, by) => this.#overlay.suggested(peers, by),
    };
    this.#stripes.update(config.descriptor);
    if (config.tracks !== undefined) this.#stripes.take(config.tracks);
    this.#uplink = new Uplink(
      this.#context,
      config.bufferedBytes ?? (() => 0),
      () => this.#scheduler.promisedBps,
      () => this.#scheduler.uplinkMeasured(),
    );
    this.#timeline = new Timeline(this.#context);
    this.#scheduler = makeScheduler(this.#context);
    this.#repair = new Repair(this.#context, this.#scheduler, this.#timeline);
    this.#lonely = new Lonely(
      this.#context,
      this.#repair,
      this.#timeline,
      config.canConnect ?? true,
    );
    this.#lonely.setLive(config.descriptor.isLive);
    this.#inbound = new Inbound(this.#context, this.#scheduler, this.#timeline);
    const isSeeder = config.role === "seeder";
    this.#news = new News(
      this.#context,
      this.#scheduler,
      () => this.#uploads.pushDelayMs + this.#uplink.queueMs,
    );
    const { topology = {} } = config;
    const { self, random } = config;
    this.#overlay = new Overlay(this.#context, makeOverlay({ self, random, options, topology }), {
      isInTrees: (peer) => this.#scheduler.stripesFrom(peer) + this.#scheduler.stripesTo(peer) > 0,
      giveUp: (peer) => this.#giveUp(peer),
    });
    this.#uploads = new UploadQueue(this.#pace(), options.queueBytesMax);
    this.#liveness = new Liveness(this.#context, (peer) => this.#drop(peer, "silent"));
    this.#serving = new Serving(this.#context, this.#uploads, this.#scheduler);
    this.#exchange = new Exchange({
      self: config.self,
      random: config.random,
      sourceOffsetMs: () => this.#context.sourceOffsetMs,
      send: (to, message) => this.#send(to, message),
      emit: (action) => this.#actions.push(action),
    });
    const always = [
      this.#liveness,
      this.#uplink,
      ...this.#scheduler.parts,
      this.#overlay,
      this.#news,
      this.#searching(),
    ];
    this.#parts = isSeeder ? always : [...always, this.#repair, this.#lonely];
  }

  #searching(): Part {
    const exchange = this.#exchange;
    return {
      get dueAtMs() {
        return exchange.dueAtMs;
      },
      housekeep: () => exchange.housekeep(this.#overlay.missing, this.#context.nowMs),
    };
  }

  /** When to feed the next `tick` at the latest, in the same clock as `nowMs`. */
  get wakeAtMs(): number {
    return this.#wakeAtMs;
  }

  get descriptor(): StreamDescriptor {
    return this.#descriptor;
  }

  /** Apply one event at `nowMs` (monotonic) and return what the driver must do, in order. */
  step(event: MeshEvent, nowMs: number): MeshAction[] {
    this.#actions = [];
    if (this.#hasLeft) return this.#actions;
    this.#context.nowMs = nowMs;
    this.#liveness.forgiveOwnSleep(nowMs, this.#wakeAtMs);
    this.#apply(event);
    if (this.#hasLeft) return this.#actions;
    for (const part of this.#parts) if (part.dueAtMs <= nowMs) part.housekeep();
    this.#tellUplink();
    this.#flushUploads();
    this.#schedule();
    return this.#actions;
  }

  stats(): MeshStats {
    return {
      bytes: { ...this.#bytes },
      blocks: { ...this.#blocks },
      chunks: { delivered: this.#deliveredCount, missed: this.#repair.missedCount },
      uplink: { budgetBps: this.#uplink.budgetBps, promisedBps: this.#scheduler.promisedBps },
      stripes: this.#stripes.stripes.map((stripe) => this.#scheduler.stripeStats(stripe)),
      neighbors: [...this.#context.neighbors.values()].map((neighbor) => ({
        peer: neighbor.peer,
        role: neighbor.role,
        isDialed: neighbor.isDialed,
        rttMs: neighbor.rttMs,
        receivedBytes: neighbor.receivedBytes,
        sentBytes: neighbor.sentBytes,
        badBlocks: neighbor.badBlocks,
        parentOf: this.#scheduler.stripesFrom(neighbor.peer),
        childOf: this.#scheduler.stripesTo(neighbor.peer),
      })),
    };
  }

  #apply(event: MeshEvent): void {
    switch (event.type) {
      case "peers-introduced":
        if (this.#overlay.introduced(event.peers)) {
          this.#exchange.trackerHelped(this.#context.nowMs);
        }
        return;
      case "membership":
        return this.#exchange.setOwn(event.own, this.#context.nowMs);
      case "records-verified": {
        const { from, records } = event;
        for (const candidate of this.#exchange.verified(from, records, this.#context.nowMs)) {
          this.#overlay.named(candidate);
        }
        return;
      }
      case "signal-out":
        return this.#exchange.signalOut(event.via, event.to, event.body);
      case "neighbor-connected":
        return this.#connected(event.peer, event.isDialed);
      case "connect-failed":
        return this.#overlay.failed(event.peer);
      case "neighbor-disconnected":
        return this.#forget(event.peer);
      case "message-received":
        return this.#received(event.from, event.message, event.sizeBytes);
      case "bad-message":
        return this.#badMessage(event.from, event.sizeBytes);
      case "unknown-message":
        this.#heard(event.from, event.sizeBytes);
        return;
      case "link-congested":
      case "link-drained": {
        const neighbor = this.#context.neighbors.get(event.peer);
        if (neighbor !== undefined) neighbor.isCongested = event.type === "link-congested";
        return;
      }
      case "block-verified":
        this.#inbound.verified(event.from);
        this.#context.checks.end(event.block);
        return this.#verified(event.from, event.block, event.isValid);
      case "join-received":
        return this.#joined(event.blocks);
      case "chunk-fetched":
        this.#repair.fetched(event.track, event.sequence);
        this.#lonely.fetched();
        return this.#verifyFromOrigin(event.blocks);
      case "fetch-failed":
        this.#repair.fetched(event.track, event.sequence);
        return this.#lonely.fetchFailed();
      case "serve-kept":
        return this.#serving.serveKept(event.to, event.blocks);
      case "kept-received":
        return this.#countReceived(event.from, event.sizeBytes);
      case "blocks-published":
        for (const block of event.blocks) this.#keep(block, this.#context.self);
        return;
      case "tracks-chosen":
        return this.#chooseTracks(event.tracks);
      case "playback":
        this.#repair.lookWithin(0);
        return this.#timeline.setPlayhead(event.playheadSourceMs);
      case "clock-adjusted":
        this.#context.sourceOffsetMs = event.sourceOffsetMs;
        return;
      case "descriptor-updated":
        return this.#describe(event.descriptor, event.signed);
      case "tuned":
        Object.assign(this.#context.options, this.#ownOptions, event.options);
        return;
      case "tick":
        return;
      case "leave":
        for (const peer of [...this.#context.neighbors.keys()]) this.#drop(peer, "leaving");
        this.#hasLeft = true;
        this.#wakeAtMs = Number.POSITIVE_INFINITY;
        return;
    }
  }

  // Neighbors

  #connected(record: PeerRecord, isDialed: boolean): void {
    const { neighbors, nowMs, self, options } = this.#context;
    if (record.peerId === self || neighbors.has(record.peerId)) return;
    const admission = this.#overlay.admits(record, isDialed);
    const reason = "too-many-neighbors";
    if (admission === "no") {
      this.#send(record.peerId, { type: "bye", reason });
      this.#context.emit({ type: "disconnect", peer: record.peerId, reason });
      return;
    }
    if (admission !== "yes") this.#giveUp(admission.insteadOf);
    const windowChunks = options.windowMs / this.#stripes.chunkMs;
    const neighbor = new Neighbor(record, isDialed, nowMs, windowChunks);
    neighbors.set(record.peerId, neighbor);
    this.#overlay.connected(record);
    this.#liveness.met();
    this.#greet(record.peerId);
    this.#news.sendAll(neighbor, this.#store);
    this.#exchange.connected(record.peerId, nowMs);
  }

  #greet(peer: PeerId): void {
    this.#send(peer, {
      type: "hello",
      version: PEER_PROTOCOL_VERSION,
      streamId: this.#descriptor.streamId,
      descriptorRevision: this.#descriptor.revision,
      uploadBps: this.#uplink.classBps,
    });
  }

  /** Neighbors place us by what our uplink carries: they hear when that has changed much. */
  #tellUplink(): void {
    const { nowMs, neighbors } = this.#context;
    if (nowMs < this.#toldUploadAtMs + UPLINK_NEWS_MS) return;
    const uploadBps = this.#uplink.classBps;
    if (uploadBps === this.#toldUploadBps) return;
    this.#toldUploadBps = uploadBps;
    this.#toldUploadAtMs = nowMs;
    for (const peer of neighbors.keys()) this.#greet(peer);
  }

  /** Part from a neighbor by our own decision. */
  #drop(peer: PeerId, reason: ByeReason): void {
    this.#send(peer, { type: "bye", reason });
    this.#context.emit({ type: "disconnect", peer, reason });
    this.#forget(peer);
  }

  /** Part from a neighbor for the sake of another. */
  #giveUp(peer: PeerId): void {
    this.#parted(peer);
    this.#drop(peer, "too-many-neighbors");
  }

  #parted(peer: PeerId): void {
    const neighbor = this.#context.neighbors.get(peer);
    if (neighbor !== undefined) this.#overlay.parted(neighbor);
  }

  #forget(peer: PeerId): void {
    const neighbor = this.#context.neighbors.get(peer);
    if (neighbor === undefined) return this.#overlay.failed(peer);
    this.#context.neighbors.delete(peer);
    this.#scheduler.neighborGone(peer);
    this.#repair.neighborGone(peer);
    this.#inbound.neighborGone(peer);
    this.#uploads.removePeer(peer);
    this.#overlay.gone(peer);
    this.#exchange.gone(peer, this.#context.nowMs);
  }

  /** What no honest peer sends, or what only a very slow one does (`stale`). The third one ends the
   * link; whoever was only slow may come back, or overload would make everybody ban everybody.
   * @returns Whether it was the last one. */
  #offence(neighbor: Neighbor, kind: "forged" | "stale" = "forged"): boolean {
    this.#blocks.rejected++;
    neighbor.badBlocks++;
    if (kind === "forged") neighbor.hasForged = true;
    if (neighbor.badBlocks < this.#context.options.badBlocksMax) return false;
    this.#drop(neighbor.peer, "bad-blocks");
    if (neighbor.hasForged) this.#overlay.ban(neighbor.peer);
    else this.#overlay.shun(neighbor.peer);
    return true;
  }

  #badMessage(from: PeerId, sizeBytes: number): void {
    const neighbor = this.#context.neighbors.get(from);
    if (neighbor === undefined) return;
    this.#bytes.control += sizeBytes;
    this.#offence(neighbor);
  }

  // Messages

  /** Whoever sends more than a stream and its upkeep can need is left; what follows is not read. What waited
   * while we slept comes all at once, and is forgiven.
   * @returns Undefined for whom we do not listen to. */
  #heard(from: PeerId, sizeBytes: number, message?: PeerMessage): Neighbor | undefined {
    const { neighbors, nowMs, forgiveUntilMs } = this.#context;
    const neighbor = neighbors.get(from);
    if (nowMs < forgiveUntilMs) return neighbor;
    if (neighbor?.allowance.take(costOf(message, sizeBytes), nowMs) !== false) return neighbor;
    this.#drop(from, "bad-messages");
    this.#overlay.shun(from);
    return undefined;
  }

  #received(from: PeerId, message: PeerMessage, sizeBytes: number): void {
    const neighbor = this.#heard(from, sizeBytes, message);
    if (neighbor === undefined) return;
    neighbor.lastHeardMs = this.#context.nowMs;
    neighbor.receivedBytes += sizeBytes;
    if (message.type === "block") return this.#blockReceived(neighbor, message.block);
    this.#bytes.control += sizeBytes;
    this.#control(neighbor, message);
  }

  #control(neighbor: Neighbor, message: Exclude<PeerMessage, { type: "block" }>): void {
    switch (message.type) {
      case "hello":
        return this.#greeted(neighbor, message);
      case "member":
      case "find":
      case "peers":
      case "signal":
        return this.#exchange.received(neighbor.peer, message, this.#context.nowMs);
      case "ping":
        return this.#send(neighbor.peer, { type: "pong", token: message.token });
      case "pong":
        return neighbor.notePong(message.token, this.#context.nowMs);
      case "have":
        return this.#learnHoldings(neighbor, message);
      case "subscribe":
      case "unsubscribe":
      case "accept":
      case "route":
      case "refuse":
        return this.#scheduler.received(neighbor, message);
      case "request":
        return this.#serving.requested(neighbor, message);
      case "cancel":
        neighbor.noteHas(message.track, message.sequence, message.index);
        return this.#uploads.cancel(neighbor.peer, message.track, message.sequence, message.index);
      case "deny":
        return this.#repair.denied(message, neighbor.peer);
      case "descriptor": {
        const { body, signature } = message;
        this.#context.emit({ type: "verify-descriptor", from: neighbor.peer, body, signature });
        return;
      }
      case "bye":
        this.#context.emit({ type: "disconnect", peer: neighbor.peer, reason: message.reason });
        if (message.reason === "too-many-neighbors") this.#parted(neighbor.peer);
        return this.#forget(neighbor.peer);
    }
  }

  #learnHoldings(neighbor: Neighbor, have: PeerMessage & { type: "have" }): void {
    neighbor.lagsMs = have.lagsMs;
    for (const holdings of have.chunks) {
      neighbor.claim(holdings);
      this.#repair.heard(holdings.track, holdings.sequence);
    }
    this.#scheduler.lookAgain();
  }

  #greeted(neighbor: Neighbor, hello: PeerMessage & { type: "hello" }): void {
    if (hello.version !== PEER_PROTOCOL_VERSION) return this.#drop(neighbor.peer, "wrong-version");
    if (hello.streamId !== this.#descriptor.streamId) {
      return this.#drop(neighbor.peer, "wrong-stream");
    }
    neighbor.hasSaidHello = true;
    neighbor.uploadBps = hello.uploadBps;
    this.#scheduler.lookAgain();
    if (hello.descriptorRevision < this.#descriptor.revision) {
      this.#send(neighbor.peer, { type: "descriptor", ...this.#signedDescriptor });
    }
  }

  #pace(): UploadPace {
    const uplink = this.#uplink;
    return {
      get budgetBps() {
        return uplink.paceBps;
      },
      get busyForMs() {
        return uplink.busyForMs;
      },
      isCongested: (peer) => this.#context.neighbors.get(peer)?.isCongested === true,
    };
  }

  // Blocks

  #blockReceived(neighbor: Neighbor, block: Block): void {
    switch (this.#inbound.screen(block, neighbor)) {
      case "verify":
        return this.#check(neighbor.peer, block);
      case "duplicate":
        this.#bytes.duplicate += block.bytes.length;
        this.#context.patience.cameTwice();
        this.#pushed(block, neighbor.peer);
        return;
      case "ignore":
        this.#bytes.duplicate += block.bytes.length;
        return;
      case "stray":
        this.#bytes.duplicate += block.bytes.length;
        return this.#strayed(block, neighbor.peer);
      case "stale":
        this.#offence(neighbor, "stale");
        return;
      case "offence":
        this.#offence(neighbor);
    }
  }

  #pushed(block: Block, from: PeerId): void {
    const stripe = this.#stripes.ofBlock(block);
    if (stripe !== undefined) this.#scheduler.pushed(stripe, from);
  }

  #strayed(block: Block, from: PeerId): void {
    const stripe = this.#stripes.ofBlock(block);
    if (stripe !== undefined) this.#scheduler.strayed(stripe, from);
  }

  #joined(all: readonly Block[]): void {
    const blocks = all.filter(({ track }) => this.#stripes.isTaken(track));
    const firsts = new Map<number, number>();
    for (const { track, sequence } of blocks) {
      firsts.set(track, Math.min(sequence, firsts.get(track) ?? sequence));
    }
    for (const [track, sequence] of firsts) this.#repair.joined(track, sequence);
    this.#verifyFromOrigin(blocks);
  }

  #verifyFromOrigin(blocks: readonly Block[]): void {
    for (const block of blocks) {
      const isHeld = this.#store.block(block.track, block.sequence, block.index) !== undefined;
      if (isHeld) this.#bytes.duplicate += block.bytes.length;
      else this.#check("origin", block);
    }
  }

  #check(from: BlockSender, block: Block): void {
    this.#context.checks.begin(block);
    this.#context.emit({ type: "verify", from, block });
  }

  #verified(from: BlockSender, block: Block, isValid: boolean): void {
    const neighbor = from === "origin" ? undefined : this.#context.neighbors.get(from);
    if (!isValid) {
      if (neighbor === undefined) this.#blocks.rejected++;
      else if (this.#offence(neighbor)) this.#context.emit({ type: "report", peer: neighbor.peer });
      return this.#repair.lookWithin(0);
    }
    if (!this.#keep(block, from)) return;
    this.#blocks.received++;
    this.#countReceived(from, block.bytes.length);
    if (from === "origin") this.#lonely.lookAgain();
    else this.#lonely.meshDelivered();
    const wasAsked = this.#repair.arrived(block, from);
    if (wasAsked || from === "origin") {
      this.#blocks.repaired++;
      const stripe = this.#stripes.ofBlock(block);
      if (stripe !== undefined) this.#scheduler.cameElsewhere(stripe, block, from);
    }
    if (!wasAsked && from !== "origin") {
      this.#context.patience.cameOnce();
      this.#stripes.noteArrival(block, this.#timeline.sourceNowMs);
      this.#pushed(block, from);
    }
  }

  #countReceived(from: BlockSender, sizeBytes: number): void {
    if (from === "origin") this.#bytes.fromOrigin += sizeBytes;
    else if (this.#context.neighbors.get(from)?.role === "seeder") {
      this.#bytes.fromSeeder += sizeBytes;
    } else this.#bytes.fromPeers += sizeBytes;
  }

  /** Store a genuine block, pass it on, tell others. @returns False when it was held already. */
  #keep(block: Block, from: BlockSender): boolean {
    const outcome = this.#store.add(block);
    if (outcome === "duplicate") this.#bytes.duplicate += block.bytes.length;
    if (outcome === "duplicate" || outcome === "stale") return false;
    const { track, sequence } = block;
    const stripe = this.#stripes.ofBlock(block);
    if (stripe !== undefined) this.#scheduler.stored(stripe, block, from);
    const chunk = this.#store.chunk(track, sequence);
    if (chunk === undefined) return true;
    this.#news.changed(chunk);
    if (this.#stripes.noteBytes(block)) this.#uplink.classify();
    if (this.#context.role === "seeder") {
      this.#stripes.noteArrival(block, this.#timeline.sourceNowMs);
      return true;
    }
    this.#repair.heard(track, sequence);
    for (const other of this.#stripes.tracks()) {
      if (other !== track) this.#repair.presume(other, block.sourceTimeMs);
    }
    if (outcome === "completed") {
      this.#deliveredCount++;
      this.#context.emit({ type: "deliver", chunk: assembleChunk(chunk) });
    }
    return true;
  }

  // The rest

  #describe(
    descriptor: StreamDescriptor,
    signed: { body: Uint8Array; signature: Uint8Array },
  ): void {
    if (descriptor.revision <= this.#descriptor.revision) return;
    this.#descriptor = descriptor;
    this.#signedDescriptor = signed;
    this.#stripes.update(descriptor);
    this.#lonely.setLive(descriptor.isLive);
    this.#scheduler.lookAgain();
    for (const neighbor of this.#context.neighbors.values()) {
      if (neighbor.role === "seeder") continue;
      this.#send(neighbor.peer, { type: "descriptor", ...signed });
    }
    this.#learnNumbers();
  }

  /** A publisher that starts (again) numbers anew: by the old numbers, whoever plays over HTTP
   * alone would ask in vain for seconds. Before it is live, the origin has nothing to join with. */
  #learnNumbers(): void {
    const { isLive, startedAtMs } = this.#descriptor;
    if (!isLive || startedAtMs === this.#numberedByMs) return;
    this.#numberedByMs = startedAtMs;
    if (this.#context.role === "viewer") this.#context.emit({ type: "join" });
  }

  /** Begin with tracks at the live edge, and leave others. */
  #chooseTracks(tracks: readonly number[]): void {
    const before = this.#stripes.tracks();
    this.#stripes.take(tracks);
    const now = this.#stripes.tracks();
    if (now.join() === before.join()) return;
    for (const track of before) if (!now.includes(track)) this.#repair.leave(track);
    this.#scheduler.tracksChosen?.();
    let isKnown = true;
    for (const track of now) {
      if (before.includes(track)) continue;
      this.#store.clear(track);
      isKnown = this.#repair.take(track) && isKnown;
    }
    // Nobody here has it: the origin knows where it is.
    if (!isKnown && this.#numberedByMs !== undefined) this.#context.emit({ type: "join" });
    this.#scheduler.lookAgain();
    this.#lonely.lookAgain();
    this.#repair.lookWithin(0);
  }

  #flushUploads(): void {
    for (const { to, block } of this.#uploads.drain(this.#context.nowMs)) {
      this.#send(to, { type: "block", block });
    }
  }

  #schedule(): void {
    const { nowMs } = this.#context;
    let wakeAtMs = this.#uploads.wakeAtMs(nowMs);
    for (const part of this.#parts) {
      // What is due at once waits a little, so that several such things are done together.
      wakeAtMs = Math.min(wakeAtMs, Math.max(part.dueAtMs, nowMs + MIN_PAUSE_MS));
    }
    this.#wakeAtMs = wakeAtMs;
  }

  #send(to: PeerId, message: PeerMessage): void {
    const size = peerMessageBytes(message);
    if (message.type === "block") this.#bytes.uploaded += message.block.bytes.length;
    else this.#bytes.control += size;
    this.#uplink.noteSent(size);
    const neighbor = this.#context.neighbors.get(to);
    if (neighbor !== undefined) neighbor.sentBytes += size;
    this.#actions.push({ type: "send", to, message });
  }
}

/** @throws {RangeError} When the name is not among those we have. */
function chosen<T>(kind: string, name: string, factories: Readonly<Record<string, T>>): T {
  const factory = Object.hasOwn(factories, name) ? factories[name] : undefined;
  if (factory !== undefined) return factory;
  const known = Object.keys(factories).join(", ");
  throw new RangeError(`the stream asks for ${kind} "${name}", this player has ${known}`);
}
