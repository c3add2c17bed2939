import {
  DEFAULT_MESH_OPTIONS,
  type MeshAction,
  MeshEngine,
  type MeshEngineConfig,
  type MeshOptions,
  type MeshStats,
  SCHEDULERS,
} from "#mesh";
import type {
  Block,
  PeerId,
  PeerRecord,
  Role,
  SignedDescriptor,
  StreamDescriptor,
} from "#protocol";
import { type Clock, systemClock } from "./clock.ts";
import { blockVerifier } from "./crypto/index.ts";
import { DescriptorKeeper, type KeptDescriptor } from "./mesh-peer/descriptor-keeper.ts";
import { EngineDriver, type MeshEngineLike } from "./mesh-peer/engine-driver.ts";
import { LinkTable } from "./mesh-peer/link-table.ts";
import { MemberSide } from "./mesh-peer/member-side.ts";
import type { MeshPeerOptions, MeshPeerState, MeshTracker } from "./mesh-peer/mesh-peer-options.ts";
import { MessageCodec } from "./mesh-peer/message-codec.ts";
import { OriginSide } from "./mesh-peer/origin-side.ts";
import { SourceClock } from "./mesh-peer/source-clock.ts";
import { VerifyQueue } from "./mesh-peer/verify-queue.ts";
import type { FetchFailureReason, OriginJoin } from "./origin/index.ts";
import type { PastSide, PastSideParts } from "./past/past-side.ts";
import { newPeerId } from "./peer-id.ts";

/** How long `close` lets the good-byes leave, in ms. */
const GOODBYE_MS = 150;

/**
 * Drives one engine: gives it the time, messages, verified signatures and the origin's answers, and
 * does what it says. Decides nothing about the mesh itself.
 */
export class MeshPeer {
  readonly #options: MeshPeerOptions;
  readonly #peerId: PeerId;
  readonly #role: Role;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #codec = new MessageCodec();
  readonly #driver: EngineDriver;
  readonly #sourceClock: SourceClock;
  readonly #keeper: DescriptorKeeper;
  readonly #members: MemberSide;
  readonly #links: LinkTable | undefined;
  readonly #origin: OriginSide | undefined;
  /** Neighbors whose descriptor is being checked: one at a time each. */
  readonly #checkingDescriptors = new Set<PeerId>();
  #verifications: VerifyQueue | undefined;
  #past: PastSide | undefined;
  /** Beyond the usual one; loaded where a stream names one of them. */
  #schedulers: MeshEngineConfig["schedulers"];
  #state: MeshPeerState;
  #unsubscribe: () => void = () => {};

  constructor(options: MeshPeerOptions) {
    this.#options = options;
    this.#peerId = options.peerId ?? newPeerId();
    this.#role = options.role ?? "viewer";
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#driver = new EngineDriver(this.#clock, (action) => this.#perform(action));
    this.#sourceClock = new SourceClock(this.#clock, (sourceOffsetMs) =>
      this.#driver.feed({ type: "clock-adjusted", sourceOffsetMs }),
    );
    this.#keeper = new DescriptorKeeper(options.crypto, options.streamId, (kept) =>
      this.#describe(kept),
    );
    this.#members = new MemberSide({
      crypto: options.crypto,
      streamId: options.streamId,
      sourceNowMs: () => this.sourceNowMs(),
      feed: (event) => this.#driver.feed(event),
      onMembers: (records) => this.#links?.learn(records),
      onSignal: (from, signal, via) => {
        if (this.#state.phase !== "closed") this.#links?.receive(from, signal, via);
      },
    });
    this.#links = this.#makeLinks();
    this.#origin = this.#makeOriginSide();
    this.#state = {
      phase: "starting",
      problem: undefined,
      tracker: options.tracker === undefined ? "none" : options.tracker.state,
      origin: options.origin === undefined ? "none" : "unknown",
    };
  }

  get state(): MeshPeerState {
    return this.#state;
  }

  /** The newest verified one. */
  get descriptor(): StreamDescriptor | undefined {
    return this.#keeper.descriptor;
  }

  /** Ask tracker and origin at once, and go on asking until there is a stream. */
  start(): void {
    const { tracker, membership } = this.#options;
    if (membership !== undefined) this.#members.admit(membership);
    if (tracker !== undefined) this.#listen(tracker);
    tracker?.start();
    this.#origin?.start();
  }

  /** Say good-bye to the neighbors and stop. Tracker client and link factory are their owner's. */
  async close(): Promise<void> {
    if (this.#state.phase === "closed") return;
    this.#driver.feed({ type: "leave" });
    this.#driver.stop();
    this.#setState({ phase: "closed" });
    this.#unsubscribe();
    this.#origin?.close();
    this.#past?.close();
    await new Promise<void>((resolve) => this.#clock.after(GOODBYE_MS, resolve));
    this.#links?.close();
  }

  /** Seeders: blocks just signed, to be spread. */
  publish(blocks: readonly Block[]): void {
    this.#driver.feed({ type: "blocks-published", blocks });
  }

  /** Seeders: the first descriptor, which starts the engine, and each newer one. */
  async updateDescriptor(signed: SignedDescriptor): Promise<void> {
    if (!(await this.#keeper.offer(signed))) {
      throw new TypeError("updateDescriptor: not a genuine descriptor of this stream");
    }
  }

  /** Source time now on screen; undefined before the first frame. */
  setPlayhead(playheadSourceMs: number | undefined): void {
    this.#driver.feed({ type: "playback", playheadSourceMs });
  }

  /** What time it is at the source, Unix time in ms. */
  sourceNowMs(): number {
    return this.#sourceClock.nowMs();
  }

  /** Ask the choice of tracks again. */
  chooseTracks(): void {
    const { descriptor } = this;
    const tracks = descriptor && this.#options.choice?.tracks(descriptor);
    if (tracks !== undefined) this.#driver.feed({ type: "tracks-chosen", tracks });
  }

  /**
   * Other options than those we started with, until the next call; upload never goes above what we
   * started with.
   */
  tune(options: Partial<MeshOptions>): void {
    const ownBps = this.#options.options?.uploadLimitBps ?? DEFAULT_MESH_OPTIONS.uploadLimitBps;
    const uploadLimitBps = Math.min(ownBps, options.uploadLimitBps ?? ownBps);
    this.#driver.feed({ type: "tuned", options: { ...options, uploadLimitBps } });
  }

  /** Part from all neighbors and take none, as if the network had failed us; or take part again. */
  setAway(isAway: boolean): void {
    this.#links?.setAway(isAway);
  }

  /** Have chunks older than the window, too: for others, and to go back in time. At most once. */
  attachPast(make: (parts: PastSideParts) => PastSide): void {
    if (this.#past !== undefined || this.#state.phase === "closed") return;
    this.#past = make({
      clock: this.#clock,
      random: this.#random,
      origin: this.#options.origin,
      trackId: (track) => this.descriptor?.tracks[track]?.id,
      send: (to, bytes) => this.#links?.send(to, bytes),
      verify: (from, block) => this.#verifications?.add(from, block),
      feed: (event) => this.#driver.feed(event),
    });
    for (const { peer } of this.stats().neighbors) this.#past.met(peer);
  }

  /** For a player that is hopelessly behind: get the origin's join response once more. */
  rejoin(): void {
    this.#origin?.join();
  }

  stats(): MeshStats {
    return this.#driver.stats();
  }

  // What the engine says

  #perform(action: MeshAction): void {
    switch (action.type) {
      case "send":
        this.#links?.send(action.to, this.#codec.encode(action.message));
        return;
      case "connect":
        this.#connect(action.peer, action.via);
        return;
      case "disconnect":
        this.#links?.disconnect(action.peer);
        this.#past?.gone(action.peer);
        return;
      case "report":
        this.#options.tracker?.report?.(action.peer);
        return;
      case "verify":
        this.#verifications?.add(action.from, action.block);
        return;
      case "deliver":
        this.#options.onChunk?.(action.chunk);
        return;
      case "fetch":
        this.#fetch(action);
        return;
      case "join":
        this.#origin?.join();
        return;
      case "find-peers":
        void this.#findPeers(action.want);
        return;
      case "verify-descriptor":
        void this.#checkDescriptor(action);
        return;
      case "verify-records":
        void this.#members.check(action);
        return;
      case "receive-signal":
        void this.#members.receive(action);
        return;
    }
  }

  #connect(peer: PeerId, via: PeerId | undefined): void {
    if (this.#links === undefined) this.#driver.feed({ type: "connect-failed", peer });
    else this.#links.connect(peer, via);
  }

  #fetch({ track, sequence, indexes }: MeshAction & { type: "fetch" }): void {
    const trackId = this.descriptor?.tracks[track]?.id;
    if (trackId === undefined || this.#origin === undefined) {
      this.#driver.feed({ type: "fetch-failed", track, sequence });
      return;
    }
    this.#origin.fetch({ trackId, track, sequence, indexes });
  }

  async #findPeers(want: number): Promise<void> {
    this.#introduce((await this.#options.tracker?.findPeers(want)) ?? []);
  }

  async #checkDescriptor(action: MeshAction & { type: "verify-descriptor" }): Promise<void> {
    const { from, body } = action;
    if (this.#checkingDescriptors.has(from)) return;
    this.#checkingDescriptors.add(from);
    const isGenuine = await this.#keeper.offerBytes(action);
    this.#checkingDescriptors.delete(from);
    if (!isGenuine) this.#driver.feed({ type: "bad-message", from, sizeBytes: body.length });
  }

  // The stream

  #describe(kept: KeptDescriptor): void {
    const { descriptor, signed } = kept;
    if (this.#state.phase === "closed") return;
    if (!this.#driver.isRunning && this.#schedulers === undefined && isSeldom(descriptor)) {
      void this.#loadSchedulers().then(() => this.#describe(kept));
      return;
    }
    this.#origin?.follow(descriptor.origins);
    if (this.#driver.isRunning) {
      this.#driver.feed({ type: "descriptor-updated", descriptor, signed });
      this.chooseTracks();
    } else {
      this.#startEngine({ descriptor, signed });
    }
    this.#options.onDescriptor?.(descriptor, signed);
  }

  async #loadSchedulers(): Promise<void> {
    try {
      this.#schedulers = (await import("#mesh/treeless")).TREELESS_SCHEDULERS;
    } catch {
      // Then it is one that we do not have, and the engine says so.
      this.#schedulers = {};
    }
  }

  #startEngine({ descriptor, signed }: KeptDescriptor): void {
    const {
      crypto,
      options,
      topology,
      choice,
      tracker,
      createEngine = (config) => new MeshEngine(config),
    } = this.#options;
    let engine: MeshEngineLike;
    try {
      engine = createEngine({
        self: this.#peerId,
        role: this.#role,
        descriptor,
        signedDescriptor: signed,
        random: this.#random,
        bufferedBytes: () => this.#links?.bufferedBytes ?? 0,
        ...(this.#schedulers === undefined ? {} : { schedulers: this.#schedulers }),
        canConnect: this.#links !== undefined && (tracker !== undefined || this.#members.isMember),
        ...(options === undefined ? {} : { options }),
        ...(topology === undefined ? {} : { topology }),
        ...(choice === undefined ? {} : { tracks: choice.tracks(descriptor) }),
      });
    } catch (error) {
      // A strategy this version does not have; a newer descriptor may name another one.
      if (!(error instanceof RangeError)) throw error;
      this.#setState({ phase: "unsupported", problem: error.message });
      return;
    }
    this.#verifications = new VerifyQueue(
      blockVerifier(crypto, descriptor),
      (from, block, isValid) => {
        if (this.#past?.checked(from, block, isValid) === true) return;
        this.#driver.feed({ type: "block-verified", from, block, isValid });
      },
    );
    this.#setState({ phase: "running", problem: undefined });
    const { offsetMs } = this.#sourceClock;
    this.#driver.start(engine, { type: "clock-adjusted", sourceOffsetMs: offsetMs });
  }

  async #joined({ descriptor, blocks }: OriginJoin): Promise<boolean> {
    if (!(await this.#keeper.offer(descriptor))) return false;
    if (this.#keeper.descriptor?.isLive === true) this.#sourceClock.seen(blocks);
    this.#driver.feed({ type: "join-received", blocks });
    return true;
  }

  #originAnswered(reason: FetchFailureReason | undefined): void {
    if (reason === "aborted") return;
    const isAway = reason === "unreachable" || reason === "timeout";
    this.#setState({ origin: isAway ? "unreachable" : "reachable" });
    // The stream's origin may be elsewhere: a tracker that knows the stream is about to tell.
    const mayTrackerTell = ["connecting", "online"].includes(this.#state.tracker);
    if (reason === "not-found" && !mayTrackerTell) this.#streamUnknown();
  }

  #streamUnknown(): void {
    if (this.#state.phase === "starting") this.#setState({ phase: "waiting-for-stream" });
  }

  // The tracker

  #listen(tracker: MeshTracker): void {
    this.#unsubscribe = tracker.subscribe({
      onState: (state) => {
        this.#setState({ tracker: state });
        if (state === "waiting-for-stream") this.#streamUnknown();
      },
      onAnnounced: ({ descriptor, peers }) => {
        this.#introduce(peers);
        // A stream that has just begun: the origin has it now, too.
        if (this.#state.phase === "waiting-for-stream") this.#origin?.join();
        void this.#keeper.offer(descriptor);
      },
      onIntroduced: (peers) => this.#introduce(peers),
      onRelay: (from, signal) => this.#links?.receive(from, signal),
      onDescriptor: (signed) => void this.#keeper.offer(signed),
      onMembership: (membership) => this.#members.admit(membership),
      onClock: (offsetMs) => {
        // A seeder's own clock is the source's.
        if (this.#role === "viewer") this.#sourceClock.told(offsetMs);
      },
    });
    const { clockOffsetMs, membership } = tracker;
    if (membership !== undefined) this.#members.admit(membership);
    if (this.#role === "viewer" && clockOffsetMs !== undefined) {
      this.#sourceClock.told(clockOffsetMs);
    }
  }

  #introduce(peers: PeerRecord[]): void {
    this.#links?.learn(peers);
    this.#driver.feed({ type: "peers-introduced", peers });
  }

  // The parts

  #makeLinks(): LinkTable | undefined {
    const { links, tracker, options } = this.#options;
    if (links === undefined) return undefined;
    const isRelay = (options?.degreeHigh ?? 0) > DEFAULT_MESH_OPTIONS.degreeHigh;
    return new LinkTable({
      self: this.#peerId,
      audience: this.#role === "seeder" || isRelay ? "many" : "few",
      factory: links,
      clock: this.#clock,
      relay: async (to, signal) => (await tracker?.relay(to, signal)) ?? false,
      relayOver: (via, to, signal) => this.#members.send(via, to, signal),
      handlers: {
        onConnected: (peer, isDialed) => {
          this.#driver.feed({ type: "neighbor-connected", peer, isDialed });
          this.#past?.met(peer.peerId);
        },
        onConnectFailed: (peer) => this.#driver.feed({ type: "connect-failed", peer }),
        onDisconnected: (peer) => {
          this.#driver.feed({ type: "neighbor-disconnected", peer });
          this.#past?.gone(peer);
        },
        onCongested: (peer) => this.#driver.feed({ type: "link-congested", peer }),
        onDrained: (peer) => this.#driver.feed({ type: "link-drained", peer }),
        onMessage: (from, bytes) => this.#received(from, bytes),
      },
    });
  }

  #received(from: PeerId, bytes: Uint8Array): void {
    const sizeBytes = bytes.length;
    const message = this.#codec.decode(bytes);
    if (message === "unknown" || message === "bad") {
      this.#driver.feed({ type: `${message}-message`, from, sizeBytes });
      if (message === "unknown") this.#past?.heard(from, bytes);
    } else if (this.#past?.takes(from, message) !== true) {
      this.#driver.feed({ type: "message-received", from, message, sizeBytes });
    }
  }

  #makeOriginSide(): OriginSide | undefined {
    const { origin, tracker } = this.#options;
    if (origin === undefined || this.#role === "seeder") return undefined;
    return new OriginSide({
      origin,
      clock: this.#clock,
      random: this.#random,
      video: () => this.#options.choice?.joinVideo,
      isPollNeeded: () => this.#driver.isRunning && tracker?.state !== "online",
      onJoined: (join) => this.#joined(join),
      onDescriptor: (signed) => void this.#keeper.offer(signed),
      onFetched: (track, sequence, blocks) =>
        this.#driver.feed({ type: "chunk-fetched", track, sequence, blocks }),
      onFetchFailed: (track, sequence) =>
        this.#driver.feed({ type: "fetch-failed", track, sequence }),
      onOutcome: (reason) => this.#originAnswered(reason),
    });
  }

  #setState(change: Partial<MeshPeerState>): void {
    const before = this.#state;
    const keys = Object.keys(change) as (keyof MeshPeerState)[];
    if (before.phase === "closed" || keys.every((key) => change[key] === before[key])) return;
    this.#state = { ...before, ...change };
    this.#options.onState?.(this.#state);
  }
}

/** Its strategy is one that not every engine has. */
function isSeldom({ scheduler }: StreamDescriptor): boolean {
  const [usual, ...seldom] = SCHEDULERS;
  return scheduler !== usual && seldom.some((name) => name === scheduler);
}
