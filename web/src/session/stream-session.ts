import { DEFAULT_MESH_OPTIONS, type MeshChunk, type MeshStats } from "#mesh";
import type { StreamDescriptor } from "#protocol";
import {
  bestCrypto256,
  MeshPeer,
  newPeerId,
  StreamOrigins,
  type TrackChoice,
  TrackerClient,
  tokenPeerId,
  ViewerReports,
  type Viewing,
} from "#transport";
import { browserLinks, hasWebRtc, type IceAttempt } from "#transport/browser";
import type { SessionPast } from "../past/session-past.ts";
import { diagnose, iceFailureStage } from "../player/p2p/ice-diagnosis.ts";
import type { StreamAddress } from "../player/stream-address.ts";
import { steerLazily } from "./lazy-steering.ts";
import { tellRefusals } from "./tracker-refusals.ts";

/** How a session reaches others. Another way needs another session. */
export type SessionWay = {
  /** `none`: everything over HTTP; nothing is offered to anybody, and offers go unanswered. */
  links: "none" | "all" | "relay-only";
  /** What leaves for other viewers at most, in bit/s. */
  uploadLimitBps: number;
};

/** The way of those who leave it to the engine. */
export const OPEN_WAY: SessionWay = {
  links: "all",
  uploadLimitBps: DEFAULT_MESH_OPTIONS.uploadLimitBps,
};

export type StreamSessionHandlers = {
  onChunk(chunk: MeshChunk): void;
  onDescriptor(descriptor: StreamDescriptor): void;
  /** What {@link StreamSession.facts} tells has changed. */
  onChange(): void;
  /** How a try to connect to another peer went. */
  onAttempt?(attempt: IceAttempt): void;
  /** How watching goes, for the operator's charts. */
  viewing?(): Viewing;
};

export type SessionFacts = {
  /** Whether the server knows the stream; undefined while nobody has answered. */
  isKnown: boolean | undefined;
  isLive: boolean;
  isTrackerOnline: boolean;
  /** In the swarm, as of the last announce. */
  audience: number | undefined;
  /** The stream needs a newer player; one line that says what. */
  problem: string | undefined;
};

/** Media that goes to another player, which keeps its own statistics. */
const NOT_WATCHED: Viewing = { latencyMs: undefined, stalls: { count: 0, totalMs: 0 } };

/** One player's membership in one stream's swarm. Comes back by itself from whatever is lost. */
export class StreamSession {
  readonly #close = new AbortController();
  #peer: MeshPeer | undefined;
  #tracker: TrackerClient | undefined;
  #openPast: (() => Promise<SessionPast>) | undefined;
  #past: Promise<SessionPast> | undefined;

  /** @param choice Which tracks the mesh has to bring. */
  constructor(
    address: StreamAddress,
    way: SessionWay,
    choice: TrackChoice,
    handlers: StreamSessionHandlers,
  ) {
    void this.#open(address, way, choice, handlers);
  }

  get facts(): SessionFacts {
    const state = this.#peer?.state;
    const isKnown = { running: true, "waiting-for-stream": false } as Record<string, boolean>;
    return {
      isKnown: isKnown[state?.phase ?? "starting"],
      isLive: this.#peer?.descriptor?.isLive ?? false,
      isTrackerOnline: state?.tracker === "online",
      audience: this.#tracker?.viewers,
      problem: state?.problem,
    };
  }

  get descriptor(): StreamDescriptor | undefined {
    return this.#peer?.descriptor;
  }

  get stats(): MeshStats | undefined {
    return this.#peer?.stats();
  }

  /** Source clock now, in ms. */
  sourceNowMs(): number | undefined {
    return this.#peer?.sourceNowMs();
  }

  /** The choice has changed. */
  chooseTracks(): void {
    this.#peer?.chooseTracks();
  }

  /** What is older than live; from then on it is kept for others, too. Undefined before there is a stream. */
  past(): Promise<SessionPast> | undefined {
    this.#past ??= this.#openPast?.();
    this.#past?.catch(() => {
      // Could not be loaded; the next one who asks tries again.
      this.#past = undefined;
    });
    return this.#past;
  }

  setPlayhead(sourceTimeMs: number | undefined): void {
    this.#peer?.setPlayhead(sourceTimeMs);
  }

  /** Good-byes are said; nothing is called any more. */
  close(): void {
    this.#close.abort();
  }

  async #open(
    { streamId, serverUrl, token }: StreamAddress,
    way: SessionWay,
    choice: TrackChoice,
    handlers: StreamSessionHandlers,
  ): Promise<void> {
    const crypto = await bestCrypto256();
    const { signal } = this.#close;
    if (signal.aborted) return;
    const peerId = tokenPeerId(token) ?? newPeerId();
    const isConnecting = way.links !== "none" && hasWebRtc();
    const tracker = new TrackerClient({
      url: serverUrl,
      streamId,
      peerId,
      role: "viewer",
      token,
      // Counted as a viewer, and not dialed in vain.
      ...(isConnecting ? {} : { want: 0, hints: { isHttpOnly: true } }),
    });
    this.#tracker = tracker;
    tellRefusals(tracker);
    const viewing = () => handlers.viewing?.() ?? NOT_WATCHED;
    const reports = new ViewerReports({
      send: (stats) => tracker.sendViewerStats(stats),
      mesh: () => this.stats,
      viewing,
    });
    const links = isConnecting
      ? browserLinks({
          iceServers: () => tracker.iceServers,
          iceTransportPolicy: way.links === "relay-only" ? "relay" : "all",
          onAttempt: (attempt) => {
            if (signal.aborted) return;
            const failure = diagnose(attempt, way.links === "relay-only");
            if (failure !== undefined) reports.noteIceFailure(iceFailureStage(failure));
            handlers.onAttempt?.(attempt);
          },
        })
      : undefined;
    const origin = new StreamOrigins({ serverUrl, streamId, token });
    const peer = new MeshPeer({
      streamId,
      peerId,
      tracker,
      crypto,
      choice,
      origin,
      options: { uploadLimitBps: way.uploadLimitBps },
      ...(links === undefined ? {} : { links }),
      onChunk: (chunk) => signal.aborted || handlers.onChunk(chunk),
      onDescriptor: (descriptor) => {
        if (signal.aborted) return;
        handlers.onDescriptor(descriptor);
        if (descriptor.dvrMs !== undefined) void this.past();
      },
      onState: () => signal.aborted || handlers.onChange(),
    });
    this.#peer = peer;
    steerLazily(tracker, { peer, viewing }, signal);
    this.#openPast = async () => {
      const { SessionPast } = await import("../past/index.ts");
      return new SessionPast({ peer, origin, crypto, streamId });
    };
    reports.start();
    signal.addEventListener("abort", async () => {
      reports.stop();
      // The other way round, neighbors would never hear that we go.
      await peer.close();
      links?.close();
      tracker.close();
    });
    peer.start();
  }
}
