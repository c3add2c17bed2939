import type { Socket } from "socket.io";
import {
  type Announce,
  type ClientMessageName,
  type ClientToTracker,
  clientMessageSchemas,
  type IceServer,
  type PeerId,
  parseClientMessage,
  type Reply,
  type SignedDescriptor,
  type StreamDescriptor,
  type TrackerErrorCode,
  type TrackerFailure,
  type TrackerToClient,
} from "#protocol";
import type { Access, AccessRequest } from "./access/access.ts";
import { addressOf } from "./address-limit.ts";
import type { IntroductionBudget, SocketBudget } from "./introduction-budget.ts";
import { PUBLISHER_RELAY_RATE, RATES, SOCKET_RATE, type SocketLimits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { MembershipSigner } from "./membership-signer.ts";
import { openPublish, PublishRefused } from "./open-publish.ts";
import type { PeerSecrets } from "./peer-secrets.ts";
import type { Delivery, Outcome, Registry } from "./registry.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { TrackerCounters } from "./tracker-counters.ts";
import type { ViewerFigures } from "./viewer-figures.ts";
import type { Watch } from "./watching/watch.ts";

export type TrackerSocket = Socket<ClientToTracker, TrackerToClient>;

export type PeerSocketContext = {
  registry: Registry;
  counters: TrackerCounters;
  figures: ViewerFigures;
  watch: Pick<Watch, "noteViewer" | "notePeer">;
  log: Log;
  limits: SocketLimits;
  access: Access;
  isBehindProxy: boolean;
  /** There are other trackers with peers of the same swarms. */
  isClustered: boolean;
  iceServers: (peerId: PeerId) => IceServer[];
  memberships: MembershipSigner;
  secrets: PeerSecrets;
  budget: IntroductionBudget;
  /** Monotonic. */
  nowMs: () => number;
  wallClockMs: () => number;
  deliver: (deliveries: readonly Delivery[]) => void;
};

/** When a client that went over a limit may come back, in ms. */
const DROPPED_RETRY_MS = 5000;

type AnyReply = Reply<Record<string, unknown>>;

/** One client's connection: checks and limits what it says, and lets the registry decide. */
export class PeerSocket {
  readonly #socket: TrackerSocket;
  readonly #context: PeerSocketContext;
  readonly #buckets = new Map<ClientMessageName, TokenBucket>();
  readonly #address: string;
  readonly #origin: string | undefined;
  readonly #strangers: SocketBudget;
  #publisherRelays: TokenBucket | undefined;
  #publisherBucket: TokenBucket | undefined;
  #refusals = 0;

  constructor(socket: TrackerSocket, context: PeerSocketContext) {
    this.#socket = socket;
    this.#context = context;
    this.#address = addressOf(socket.request, context.isBehindProxy);
    this.#origin = socket.handshake.headers.origin;
    this.#strangers = context.budget.open(this.#address, context.nowMs());
    this.#listen();
    if (context.isClustered) this.#noteRelaysFromElsewhere();
    socket.on("disconnect", () => context.registry.disconnected(socket.id, context.nowMs()));
  }

  /** Whoever gets an offer through another tracker may answer it. */
  #noteRelaysFromElsewhere(): void {
    const { registry } = this.#context;
    const { id } = this.#socket;
    this.#socket.onAnyOutgoing((name: string, message: { from?: { peerId: PeerId } }) => {
      if (name === "relay" && message.from !== undefined) {
        registry.noteMet(id, message.from.peerId);
      }
    });
  }

  /** One handler for all messages: what a stranger sent, whatever it is called. */
  #listen(): void {
    const { nowMs, registry } = this.#context;
    const bucket = new TokenBucket(SOCKET_RATE, nowMs());
    this.#socket.use(([name, ...args]) => {
      const isPublisher = registry.isPublisher(this.#socket.id);
      const allowance = isPublisher ? this.#publisherMessages() : bucket;
      if (!allowance.take(nowMs())) {
        this.#drop("more messages a second than any peer has reason to send");
      } else if (isClientMessageName(name)) {
        this.#received(name, args);
      }
    });
  }

  #publisherMessages(): TokenBucket {
    this.#publisherBucket ??= new TokenBucket(PUBLISHER_RELAY_RATE, this.#context.nowMs());
    return this.#publisherBucket;
  }

  #received(name: ClientMessageName, args: unknown[]): void {
    const last = args.at(-1);
    const answer = typeof last === "function" ? (last as (reply: AnyReply) => void) : undefined;
    const settle = (reply: AnyReply) => {
      if (!reply.ok) this.#noteRefusal(name, reply);
      answer?.(reply);
    };
    try {
      const reply = this.#answerTo(name, args[0]);
      if (reply instanceof Promise) reply.then(settle).catch((error) => this.#failed(name, error));
      else settle(reply);
    } catch (error) {
      this.#failed(name, error);
    }
  }

  /** A bug of ours: this peer starts over, the others are not to suffer. */
  #failed(name: ClientMessageName, error: unknown): void {
    this.#context.log.error({ err: error, name }, "message handler failed");
    this.#drop("the tracker failed over a message");
  }

  #answerTo(name: ClientMessageName, message: unknown): AnyReply | Promise<AnyReply> {
    if (!this.#bucket(name).take(this.#context.nowMs())) {
      const { perSecond } = RATES[name];
      return {
        ok: false,
        code: "too-many",
        message: `too many ${name} messages: ${perSecond} a second are served, slow down`,
      };
    }
    try {
      const reply = this.#handle(name, message);
      return reply instanceof Promise ? reply.catch((error) => this.#refuse(error)) : reply;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** What a client did wrong is its answer; anything else is thrown on. */
  #refuse(error: unknown): AnyReply {
    if (error instanceof TypeError) {
      return { ok: false, code: "bad-message", message: error.message };
    }
    if (error instanceof PublishRefused) {
      this.#context.counters.verifyFailures++;
      return { ok: false, code: "not-allowed", message: error.message };
    }
    throw error;
  }

  #handle(name: ClientMessageName, message: unknown): AnyReply | Promise<AnyReply> {
    const { registry, counters, nowMs, wallClockMs } = this.#context;
    const { id } = this.#socket;
    switch (name) {
      case "announce":
        return this.#announce(message);
      case "find-peers": {
        const { want } = parse("find-peers", message);
        const freshMax = this.#strangers.take(want, nowMs());
        const reply = this.#settle(registry.findPeers(id, want, freshMax));
        return reply.ok ? { ...reply, membership: this.#membership() } : reply;
      }
      case "relay": {
        const { to, signal } = parse("relay", message);
        const reply = this.#settle(registry.relay(id, to, signal));
        if (reply.ok) counters.relayed++;
        return reply;
      }
      case "report": {
        const { peerId } = parse("report", message);
        const reply = this.#settle(registry.report(id, peerId));
        if (reply.ok) counters.reports++;
        return reply;
      }
      case "publish":
        return this.#publish(message);
      case "unpublish": {
        const { streamId } = parse("unpublish", message);
        const reply = this.#settle(registry.unpublish(id, streamId, nowMs()));
        if (reply.ok) this.#context.log.info({ streamId }, "stream ended");
        return reply;
      }
      case "clock":
        parse("clock", message);
        return { ok: true, serverTimeMs: wallClockMs() };
      case "leave":
        parse("leave", message);
        return this.#settle(registry.leave(id));
      case "viewer-stats": {
        const stats = parse("viewer-stats", message);
        const place = registry.placeOf(id);
        if (place === undefined) {
          return { ok: false, code: "not-announced", message: "announce first" };
        }
        this.#context.figures.note(place.streamId, stats);
        this.#context.watch.noteViewer(place.streamId, stats);
        return { ok: true };
      }
      case "peer-report": {
        const report = parse("peer-report", message);
        const place = registry.placeOf(id);
        if (place === undefined) {
          return { ok: false, code: "not-announced", message: "announce first" };
        }
        this.#context.watch.notePeer(place.streamId, place.record, report);
        return { ok: true };
      }
      case "publisher-stats":
        return registry.notePublisherStats(id, parse("publisher-stats", message))
          ? { ok: true }
          : { ok: false, code: "not-allowed", message: "not the publisher of this stream" };
    }
  }

  #announce(message: unknown): AnyReply | Promise<AnyReply> {
    const wanted = parse("announce", message);
    const { streamId, peerId, role, token } = wanted;
    const action = role === "seeder" ? "publish" : "watch";
    return this.#ifAllowed({ action, streamId, peerId, token }, () =>
      this.#announceAllowed(wanted),
    );
  }

  #announceAllowed(wanted: Announce): AnyReply {
    const { registry, iceServers, memberships, secrets, nowMs, wallClockMs } = this.#context;
    const { streamId, peerId, resume, want } = wanted;
    const reply = this.#settle(
      registry.announce(this.#socket.id, wanted, {
        isResumed: secrets.isResumed(streamId, peerId, resume),
        network: secrets.networkKey(this.#address),
        freshMax: this.#strangers.take(want, nowMs()),
      }),
    );
    if (!reply.ok) return reply;
    this.#context.counters.joins++;
    return {
      ...reply,
      resume: secrets.resumeKey(streamId, peerId),
      iceServers: iceServers(wanted.peerId),
      serverTimeMs: wallClockMs(),
      membership: this.#membership(),
      membershipKey: memberships.publicKey,
    };
  }

  /** At once where nothing is protected: a tracker in a LAN answers without a detour. */
  #ifAllowed(
    wanted: Pick<AccessRequest, "action" | "streamId" | "peerId" | "token">,
    act: () => AnyReply,
  ): AnyReply | Promise<AnyReply> {
    const { access } = this.#context;
    if (!access.protects(wanted.action)) return act();
    const asked = { ...wanted, address: this.#address, origin: this.#origin };
    return access.check(asked).then((verdict) => {
      if (!verdict.ok) return { ok: false, code: "not-allowed", message: verdict.message };
      // Who left while we asked must not become a member that never leaves.
      if (!this.#socket.connected) return { ok: false, code: "not-announced", message: "left" };
      return act();
    });
  }

  #membership(): string | undefined {
    const { registry, memberships, wallClockMs } = this.#context;
    const place = registry.placeOf(this.#socket.id);
    return place && memberships.sign(place.streamId, place.record, wallClockMs());
  }

  #publish(message: unknown): AnyReply | Promise<AnyReply> {
    const checked = parse("publish", message);
    const descriptor = openPublish(checked, this.#socket.id);
    const { streamId } = descriptor;
    return this.#ifAllowed({ action: "publish", streamId, token: checked.token }, () =>
      this.#publishAllowed(descriptor, checked.descriptor),
    );
  }

  #publishAllowed(descriptor: StreamDescriptor, signed: SignedDescriptor): AnyReply {
    const { registry, log, wallClockMs } = this.#context;
    const { streamId, revision, title, isLive } = descriptor;
    const before = registry.stream(streamId);
    const isNews = before?.publisher.phase !== "here" || before.descriptor.isLive !== isLive;
    const reply = this.#settle(registry.publish(this.#socket.id, descriptor, signed));
    if (!reply.ok) return reply;
    log[isNews ? "info" : "debug"]({ streamId, revision, title, isLive }, "stream published");
    return { ok: true, serverTimeMs: wallClockMs() };
  }

  #settle<T>({ reply, deliveries }: Outcome<T>): Reply<T> {
    this.#context.deliver(deliveries);
    return reply;
  }

  #bucket(name: ClientMessageName): TokenBucket {
    const { nowMs, registry } = this.#context;
    if (name === "relay" && registry.isPublisher(this.#socket.id)) {
      this.#publisherRelays ??= new TokenBucket(PUBLISHER_RELAY_RATE, nowMs());
      return this.#publisherRelays;
    }
    const bucket = this.#buckets.get(name) ?? new TokenBucket(RATES[name], nowMs());
    this.#buckets.set(name, bucket);
    return bucket;
  }

  #noteRefusal(name: ClientMessageName, { code, message }: TrackerFailure): void {
    const { counters, limits, log } = this.#context;
    counters.noteRefusal(code);
    log.debug({ socket: this.#socket.id, name, code, message }, "message refused");
    if (isOffence(code) && ++this.#refusals >= limits.refusals)
      this.#drop(`${limits.refusals} messages were refused, the last one so: ${message}`);
  }

  /** An honest client of a wrong version or setting learns why. */
  #drop(reason: string): void {
    if (!this.#socket.connected) return;
    this.#context.counters.droppedSockets++;
    this.#context.log.debug({ socket: this.#socket.id, reason }, "socket dropped");
    this.#socket.emit("goodbye", {
      code: "too-many",
      message: `closed by the tracker: ${reason}`,
      retryMs: DROPPED_RETRY_MS,
    });
    this.#socket.disconnect(true);
  }
}

function isClientMessageName(name: unknown): name is ClientMessageName {
  return typeof name === "string" && Object.hasOwn(clientMessageSchemas, name);
}

/** What honest clients do not do, as against what a swarm lives through every day. */
function isOffence(code: TrackerErrorCode): boolean {
  return code === "bad-message" || code === "too-many";
}

/** The schemas check ids by their pattern, which their types cannot say. */
function parse<N extends ClientMessageName>(
  name: N,
  message: unknown,
): Parameters<ClientToTracker[N]>[0] {
  return parseClientMessage(name, message) as unknown as Parameters<ClientToTracker[N]>[0];
}
