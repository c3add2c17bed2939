import type { MeshChunk, MeshOptions, MeshStats } from "#mesh";
import type { StatedTopology } from "#mesh/topology";
import { type PeerReport, type SignedDescriptor, type StreamDescriptor, toHex } from "#protocol";
import {
  bestCrypto256,
  MeshPeer,
  type MeshPeerState,
  newPeerId,
  SeveralTrackers,
  StreamOrigins,
  type TrackChoice,
  TrackerClient,
  tokenPeerId,
  ViewerReports,
} from "#transport";
import { Steering } from "#transport/steering";
import { openUdpLinks, type UdpPlace } from "#transport/udp";
import { ImaginedPlayhead } from "./imagined-playhead.ts";
import type { PeerLog } from "./peer-log.ts";
import { findUdpPlace } from "./udp-place.ts";
import type { StreamPlace } from "./watch-url.ts";

export type SwarmMemberOptions = StreamPlace & {
  udp: UdpPlace;
  topology: StatedTopology | undefined;
  /** Peers that introduce others, `http://host:port`, besides the tracker. */
  knownPeers: readonly string[];
  /** Of our own introducer, where others come to. */
  introducerUrl: string | undefined;
  /** How far behind the source the imagined playhead is when all is well, in ms. */
  latencyMs: number;
  mesh: Partial<MeshOptions>;
  /** Undefined takes all tracks. */
  choice: TrackChoice | undefined;
  log: PeerLog;
  /** Complete, verified chunks, each once, in no particular order. */
  onChunk: (chunk: MeshChunk) => void;
  onDescriptor: (descriptor: StreamDescriptor, signed: SignedDescriptor) => void;
  /** A few times a second: chunks older than this, in source time, will not come any more. */
  onTick: (overSourceMs: number) => void;
};

/** Neighbors to ask a known peer for: itself, and some of those it introduced before. */
const KNOWN_PEER_WANT = 8;
/** How often the engine is told of the playhead, in ms, as players do. */
const TICK_MS = 250;
/** Blocks that are under way when the engine gives a chunk up still come, this much later, in ms. */
const LATE_MS = 500;

/** Membership in one stream's swarm without a screen: verifies and relays like any viewer. */
export class SwarmMember {
  readonly #peer: MeshPeer;
  readonly #playhead: ImaginedPlayhead;
  readonly #closeAll: () => Promise<void>;

  /** @throws {NodePeerError} When the UDP port or address cannot be had. */
  static async join(options: SwarmMemberOptions): Promise<SwarmMember> {
    const { streamId, serverUrl, token, topology, introducerUrl, log } = options;
    const peerId = tokenPeerId(token) ?? topology?.self ?? newPeerId();
    const hints = { uploadBps: options.mesh.uploadLimitBps };
    const tracker = new TrackerClient({
      url: serverUrl,
      streamId,
      peerId,
      role: "viewer",
      token,
      hints,
    });
    reportRefusals(tracker, log);
    const through = (url: string, want: number) =>
      new TrackerClient({ url, streamId, peerId, role: "viewer", want, hints });
    const others = options.knownPeers.filter((url) => url !== serverUrl);
    const known = others.map((url) => through(url, KNOWN_PEER_WANT));
    const ours = introducerUrl === undefined ? undefined : through(introducerUrl, 0);
    const trackers = new SeveralTrackers([tracker, ...known], ours);
    const links = await openUdpLinks({
      place: await findUdpPlace(options.udp),
      iceServers: () => tracker.iceServers,
      without: "everything from the origin",
      log,
    });
    const tell = stateReporter(serverUrl, log);
    const peer = new MeshPeer({
      streamId,
      peerId,
      tracker: trackers,
      crypto: await bestCrypto256(),
      origin: new StreamOrigins({ serverUrl, streamId, token }),
      options: options.mesh,
      ...(options.choice && { choice: options.choice }),
      ...(topology && { topology: topology.topology }),
      ...(links === undefined ? {} : { links }),
      onChunk: options.onChunk,
      onDescriptor: (descriptor, { body, signature }) =>
        options.onDescriptor(descriptor, {
          body: new TextDecoder().decode(body),
          signature: toHex(signature),
        }),
      onState: tell,
    });
    peer.start();
    const playhead = new ImaginedPlayhead(options.latencyMs);
    // Without a screen nothing stalls: what it lacks is in the log and in its own statistics.
    const viewing = () => ({ latencyMs: playhead.lagMs, stalls: { count: 0, totalMs: 0 } });
    const reports = new ViewerReports({
      send: (stats) => tracker.sendViewerStats(stats),
      mesh: () => peer.stats(),
      viewing,
    });
    const send = (report: PeerReport) => tracker.sendPeerReport(report);
    const steering = new Steering({ peer, viewing, send });
    tracker.subscribe({ onSteer: (message) => steering.take(message) });
    reports.start();
    const timer = setInterval(() => {
      const { delivered, missed } = peer.stats().chunks;
      playhead.tick(performance.now(), delivered > 0, missed);
      const playheadMs = peer.sourceNowMs() - playhead.lagMs;
      peer.setPlayhead(playheadMs);
      options.onTick(playheadMs - LATE_MS);
    }, TICK_MS);
    return new SwarmMember(peer, playhead, async () => {
      clearInterval(timer);
      reports.stop();
      steering.stop();
      // The other way round, neighbors would never hear that we go.
      await peer.close();
      links?.close();
      for (const one of [tracker, ...known, ...(ours ? [ours] : [])]) one.close();
    });
  }

  private constructor(peer: MeshPeer, playhead: ImaginedPlayhead, closeAll: () => Promise<void>) {
    this.#peer = peer;
    this.#playhead = playhead;
    this.#closeAll = closeAll;
  }

  get state(): MeshPeerState {
    return this.#peer.state;
  }

  get descriptor(): StreamDescriptor | undefined {
    return this.#peer.descriptor;
  }

  get stats(): MeshStats {
    return this.#peer.stats();
  }

  /** How far behind the source the imagined playhead is now, in ms. */
  get lagMs(): number {
    return this.#playhead.lagMs;
  }

  sourceNowMs(): number {
    return this.#peer.sourceNowMs();
  }

  /** Says good-bye to everybody. */
  leave(): Promise<void> {
    return this.#closeAll();
  }
}

/** What the tracker says no to, once: it is asked again and again. */
function reportRefusals(tracker: TrackerClient, log: PeerLog): void {
  let last = "";
  const say = (message: string) => {
    if (message !== last) log.warn({}, `the tracker says: ${message}`);
    last = message;
  };
  tracker.subscribe({
    onAnnounced: () => {
      last = "";
    },
    onRefused: (_what, { code, message }) => {
      // Said as a state of the peer already, or no word of the tracker's.
      if (code !== "unknown-stream" && code !== "no-answer") say(message);
    },
    onGoodbye: ({ message }) => say(message),
  });
}

/** One line per change of what matters to whoever runs the peer. */
function stateReporter(serverUrl: string, log: PeerLog): (state: MeshPeerState) => void {
  let last: Pick<MeshPeerState, "phase" | "tracker"> = { phase: "starting", tracker: "connecting" };
  return (state) => {
    if (state.phase !== last.phase) {
      if (state.phase === "waiting-for-stream") {
        log.warn({ server: serverUrl }, "stream not known there yet; looking on");
      }
      if (state.phase === "running") log.info({}, "stream found");
      if (state.phase === "unsupported") {
        log.error({}, `this version cannot take part: ${state.problem}`);
      }
    }
    if (state.tracker !== last.tracker) {
      if (state.tracker === "online") log.info({ tracker: serverUrl }, "online at the tracker");
      if (state.tracker === "offline") {
        log.warn({ tracker: serverUrl }, "tracker not reachable, trying on");
      }
    }
    last = state;
  };
}
