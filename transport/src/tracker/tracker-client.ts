import type {
  Goodbye,
  IceServer,
  PeerHints,
  PeerId,
  PeerRecord,
  PeerReport,
  PublisherStats,
  Role,
  Signal,
  SignedDescriptor,
  StreamId,
  ViewerStats,
} from "#protocol";
import { Backoff } from "../backoff.ts";
import { type Clock, systemClock } from "../clock.ts";
import { ClockSampler } from "./clock-sampler.ts";
import { type Membership, readMembership } from "./membership.ts";
import { MembershipRenewal } from "./membership-renewal.ts";
import { TrackerConnection } from "./tracker-connection.ts";
import {
  type Announced,
  readAnnounceReply,
  readEmptyReply,
  readPeersReply,
  readTimeReply,
  type TrackerRefusal,
} from "./tracker-replies.ts";

/**
 * - `connecting`: no answer to the announce yet.
 * - `waiting-for-stream`: the tracker does not know the stream; it is asked again and again.
 * - `online`: announced.
 * - `offline`: not reachable; tried again and again.
 */
export type TrackerState = "connecting" | "waiting-for-stream" | "online" | "offline";

/** What a tracker client tells. All of it may come again after a reconnect. */
export type TrackerHandlers = {
  onState?(state: TrackerState): void;
  onAnnounced?(reply: Announced): void;
  onPublished?(): void;
  /** The tracker introduced peers unasked. */
  onIntroduced?(peers: PeerRecord[]): void;
  onRelay?(from: PeerRecord, signal: Signal): void;
  /** Not verified. */
  onDescriptor?(signed: SignedDescriptor): void;
  /** We are a member, in the tracker's signed word; again each time it is renewed. */
  onMembership?(membership: Membership): void;
  /** Tracker time is `clock.nowMs()` plus this. */
  onClock?(offsetMs: number): void;
  /** The tracker said no; the client goes on trying. For logs. */
  onRefused?(what: "announce" | "publish", refusal: TrackerRefusal): void;
  /** What the operator's experiments want of us, unchecked; see `#transport/steering`. */
  onSteer?(steer: unknown): void;
  /** The tracker ends the connection, or does not open it, and says why. We come back. */
  onGoodbye?(goodbye: Goodbye): void;
};

export type TrackerClientOptions = {
  /** Of the tracker, like `https://example.org`. Default: where the page came from. */
  url?: string;
  streamId: StreamId;
  /** Kept across reconnects. */
  peerId: PeerId;
  role: Role;
  /** Neighbors to ask for when announcing. Default 8. */
  want?: number | (() => number);
  /** Publishers only: signature over `publishSigningInput(…, challenge)`, hexadecimal. */
  signProof?: (challenge: string) => Promise<string> | string;
  /** What lets us in, where the tracker asks for it; a function when it changes. */
  token?: string | (() => string | undefined) | undefined;
  /** For a tracker of our own process only: whatever certificate it has is good. Node only. */
  trustsAnyCertificate?: boolean;
  /** What helps the tracker to introduce well. */
  hints?: PeerHints | (() => PeerHints) | undefined;
  /** Longest wait for an answer, in ms. Default 5000. */
  replyTimeoutMs?: number;
  /** First and longest pause between tries, in ms. Default 500 and 5000: a tracker that restarts
   * has its swarm back within seconds. */
  retryMs?: { min: number; max: number };
  clock?: Clock;
  /** Uniform in [0, 1). */
  random?: () => number;
};

/**
 * One peer's connection to the tracker. Reconnects by itself, publishes and announces again after
 * each reconnect, and estimates the tracker's clock. The tracker need not be there at the start.
 */
export class TrackerClient {
  readonly streamId: StreamId;
  readonly peerId: PeerId;
  readonly role: Role;
  /** From the last announce; empty before the first. */
  iceServers: readonly IceServer[] = [];
  /** Viewers in the swarm, as of the last announce. */
  viewers: number | undefined;
  /** Kept when the tracker goes away: neighbors still believe it. */
  membership: Membership | undefined;
  readonly #options: TrackerClientOptions;
  readonly #clock: Clock;
  readonly #connection: TrackerConnection;
  readonly #sampler: ClockSampler;
  readonly #renewal: MembershipRenewal;
  readonly #listeners = new Set<TrackerHandlers>();
  readonly #backoff: Backoff;
  #state: TrackerState = "connecting";
  /** Changes with every connect and disconnect: what belongs to an older one is void. */
  #session = 0;
  #workingSession = -1;
  #wakeWorker: () => void = () => {};
  #isAnnounced = false;
  /** That we are who we were, on a new connection. */
  #resume: string | undefined;
  /** Of the tracker we announced to. */
  #membershipKey: string | undefined;
  #toPublish: SignedDescriptor | undefined;
  #published: SignedDescriptor | undefined;

  constructor(options: TrackerClientOptions) {
    this.streamId = options.streamId;
    this.peerId = options.peerId;
    this.role = options.role;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { url = "", replyTimeoutMs = 5000, retryMs = { min: 500, max: 5000 } } = options;
    const random = options.random ?? Math.random;
    this.#backoff = new Backoff({ minMs: retryMs.min, maxMs: retryMs.max, random });
    this.#connection = new TrackerConnection(
      {
        url,
        replyTimeoutMs,
        retryMs,
        clock: this.#clock,
        backoff: this.#backoff,
        random,
        trustsAnyCertificate: options.trustsAnyCertificate ?? false,
      },
      {
        onUp: () => this.#beginSession(),
        onDown: () => this.#endSession(),
        onUnreachable: () => this.#setState("offline"),
        onIntroduced: (peers) => {
          const others = this.#others(peers);
          this.#tell((to) => to.onIntroduced?.(others));
        },
        onRelay: (from, signal) => this.#tell((to) => to.onRelay?.(from, signal)),
        onDescriptor: (signed) => this.#tell((to) => to.onDescriptor?.(signed)),
        onSteer: (steer) => this.#tell((to) => to.onSteer?.(steer)),
        onGoodbye: (goodbye) => this.#tell((to) => to.onGoodbye?.(goodbye)),
      },
    );
    this.#renewal = new MembershipRenewal(this.#clock, () => void this.findPeers(1));
    this.#sampler = new ClockSampler({
      clock: this.#clock,
      ask: () => this.#askTime(),
      onOffset: (offsetMs) => this.#tell((to) => to.onClock?.(offsetMs)),
    });
  }

  get state(): TrackerState {
    return this.#state;
  }

  /** Tracker time is `clock.nowMs()` plus this; undefined until it has told. */
  get clockOffsetMs(): number | undefined {
    return this.#sampler.offsetMs;
  }

  /** Returns what ends the subscription. */
  subscribe(handlers: TrackerHandlers): () => void {
    this.#listeners.add(handlers);
    return () => this.#listeners.delete(handlers);
  }

  start(): void {
    this.#connection.open();
  }

  /** Say good-bye and stay away. A publisher that ends its stream calls {@link unpublish} before. */
  close(): void {
    void this.#connection.request("leave", {});
    this.#endSession();
    this.#connection.close();
    this.#listeners.clear();
  }

  /** Publish now and after each reconnect, until a newer descriptor or {@link unpublish}. */
  publish(descriptor: SignedDescriptor): void {
    this.#toPublish = descriptor;
    this.#work();
  }

  unpublish(): void {
    this.#toPublish = undefined;
    this.#published = undefined;
    void this.#connection.request("unpublish", { streamId: this.streamId });
  }

  /** Ask for more peers; none when the tracker is away. */
  async findPeers(want: number): Promise<PeerRecord[]> {
    if (!this.#isAnnounced) return [];
    const session = this.#session;
    const reply = readPeersReply(await this.#connection.request("find-peers", { want }));
    if (!reply.ok || session !== this.#session) return [];
    const membershipKey = this.#membershipKey;
    if (membershipKey !== undefined) this.#noteMembership({ ...reply, membershipKey });
    return this.#others(reply.peers);
  }

  /** Resolves to whether the tracker passed it on. */
  async relay(to: PeerId, signal: Signal): Promise<boolean> {
    if (!this.#isAnnounced) return false;
    return readEmptyReply(await this.#connection.request("relay", { to, signal })).ok;
  }

  /** That a peer passes on blocks the publisher did not sign. Nobody waits for an answer. */
  report(peerId: PeerId): void {
    void this.#connection.request("report", { peerId });
  }

  /** For the tracker's API; lost when it is away, because the next ones carry the same sums. */
  sendStats(stats: PublisherStats): void {
    this.#connection.sendStats(stats);
  }

  /** For the operator's charts; lost when the tracker is away. */
  sendViewerStats(stats: ViewerStats): void {
    if (this.#isAnnounced) this.#connection.sendViewerStats(stats);
  }

  /** For the operator who watches the mesh; lost when the tracker is away. */
  sendPeerReport(report: PeerReport): void {
    if (this.#isAnnounced) this.#connection.sendPeerReport(report);
  }

  #beginSession(): void {
    this.#session++;
    this.#setState("connecting");
    this.#sampler.start();
    this.#work();
  }

  #endSession(): void {
    this.#session++;
    this.#isAnnounced = false;
    this.#published = undefined;
    this.#sampler.stop();
    this.#renewal.stop();
    this.#wakeWorker();
    this.#setState("offline");
  }

  /** Publish and announce until both are done; one worker a session. */
  #work(): void {
    this.#wakeWorker();
    const session = this.#session;
    if (!this.#connection.isUp || this.#workingSession === session) return;
    this.#workingSession = session;
    const work = async (): Promise<void> => {
      while (session === this.#session) {
        const step = this.#nextStep();
        if (step === undefined) break;
        if (await step(session)) this.#backoff.reset();
        else if (session === this.#session) await this.#pause();
      }
      if (this.#workingSession === session) this.#workingSession = -1;
    };
    void work();
  }

  /** Each step resolves to whether it succeeded. */
  #nextStep(): ((session: number) => Promise<boolean>) | undefined {
    const descriptor = this.#toPublish;
    if (descriptor !== undefined && descriptor !== this.#published) {
      return (session) => this.#publishNow(session, descriptor);
    }
    // A seeder may only announce what it has published.
    const mayAnnounce = this.role === "viewer" || this.#published !== undefined;
    if (this.#isAnnounced) return undefined;
    if (mayAnnounce) return (session) => this.#announceNow(session);
    this.#setState("waiting-for-stream");
    return undefined;
  }

  async #publishNow(session: number, descriptor: SignedDescriptor): Promise<boolean> {
    const proof = (await this.#options.signProof?.(this.#connection.challenge)) ?? "";
    const reply = readTimeReply(
      await this.#connection.request("publish", { descriptor, proof, ...this.#token() }),
    );
    if (session !== this.#session) return false;
    if (!reply.ok) {
      this.#tell((to) => to.onRefused?.("publish", reply));
      return false;
    }
    this.#published = descriptor;
    this.#tell((to) => to.onPublished?.());
    return true;
  }

  async #announceNow(session: number): Promise<boolean> {
    const { streamId, peerId, role } = this;
    const { want = 8, hints } = this.#options;
    const askedAtMs = this.#clock.nowMs();
    const reply = readAnnounceReply(
      await this.#connection.request("announce", {
        streamId,
        peerId,
        role,
        want: typeof want === "function" ? want() : want,
        ...this.#token(),
        ...(this.#resume !== undefined && { resume: this.#resume }),
        ...(hints !== undefined && { hints: typeof hints === "function" ? hints() : hints }),
      }),
    );
    if (session !== this.#session) return false;
    if (!reply.ok) {
      this.#setState(reply.code === "unknown-stream" ? "waiting-for-stream" : "connecting");
      // A tracker that forgot the stream wants it published again.
      this.#published = undefined;
      this.#tell((to) => to.onRefused?.("announce", reply));
      return false;
    }
    this.#isAnnounced = true;
    this.#resume = reply.resume;
    this.iceServers = reply.iceServers;
    this.viewers = reply.viewers;
    this.#sampler.learn(askedAtMs, reply.serverTimeMs);
    this.#setState("online");
    this.#membershipKey = reply.membershipKey;
    this.#noteMembership(reply);
    const announced = { ...reply, peers: this.#others(reply.peers) };
    this.#tell((to) => to.onAnnounced?.(announced));
    return true;
  }

  #noteMembership(reply: { membership?: string; membershipKey?: string }): void {
    const membership = readMembership(this.peerId, reply);
    const { offsetMs } = this.#sampler;
    if (membership === undefined || offsetMs === undefined) return;
    this.membership = membership;
    this.#renewal.renewed(membership.record.expiresAtMs - offsetMs - this.#clock.nowMs());
    this.#tell((to) => to.onMembership?.(membership));
  }

  /** Until the back-off has passed or there is news. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(this.#backoff.nextMs(), resolve);
      this.#wakeWorker = () => {
        this.#wakeWorker = () => {};
        cancel();
        resolve();
      };
    });
  }

  #token(): { token?: string } {
    const { token } = this.#options;
    const now = typeof token === "function" ? token() : token;
    return now === undefined ? {} : { token: now };
  }

  async #askTime(): Promise<number | undefined> {
    const reply = readTimeReply(await this.#connection.request("clock", {}));
    return reply.ok ? reply.serverTimeMs : undefined;
  }

  #others(peers: readonly PeerRecord[]): PeerRecord[] {
    return peers.filter(({ peerId }) => peerId !== this.peerId);
  }

  #setState(state: TrackerState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell((to) => to.onState?.(state));
  }

  #tell(what: (handlers: TrackerHandlers) => void): void {
    for (const handlers of [...this.#listeners]) what(handlers);
  }
}
