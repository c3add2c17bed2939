import type { MeshChunk, MeshOptions, MeshStats } from "#mesh";
import type { StreamDescriptor } from "#protocol";
import {
  bestCrypto256,
  MeshPeer,
  type MeshPeerState,
  newPeerId,
  StreamOrigins,
  TrackerClient,
} from "#transport";
import type { PeerLog } from "./peer-log.ts";
import { openUdpLinks, type UdpPlace } from "./udp-links.ts";
import type { StreamPlace } from "./watch-url.ts";

export type SwarmMemberOptions = StreamPlace &
  UdpPlace & {
    /** How far behind the source the imagined playhead is, in ms: deadlines follow from it. */
    latencyMs: number;
    mesh: Partial<MeshOptions>;
    log: PeerLog;
    /** Complete, verified chunks, each once, in no particular order. */
    onChunk: (chunk: MeshChunk) => void;
    onDescriptor: (descriptor: StreamDescriptor) => void;
    /** Time has passed, a few times a second. */
    onTick: (playheadSourceMs: number) => void;
  };

/** How often the engine is told of the playhead, in ms, as players do. */
const TICK_MS = 250;

/** Membership in one stream's swarm without a screen: verifies and relays like any viewer. */
export class SwarmMember {
  readonly #peer: MeshPeer;
  readonly #closeAll: () => Promise<void>;

  /** @throws {NodePeerError} When the UDP port or address cannot be had. */
  static async join(options: SwarmMemberOptions): Promise<SwarmMember> {
    const { streamId, serverUrl, log } = options;
    const peerId = newPeerId();
    const tracker = new TrackerClient({ url: serverUrl, streamId, peerId, role: "viewer" });
    const links = await openUdpLinks(options, () => tracker.iceServers, log);
    const tell = stateReporter(serverUrl, log);
    const peer = new MeshPeer({
      streamId,
      peerId,
      tracker,
      crypto: await bestCrypto256(),
      origin: new StreamOrigins({ serverUrl, streamId }),
      options: options.mesh,
      ...(links === undefined ? {} : { links }),
      onChunk: options.onChunk,
      onDescriptor: options.onDescriptor,
      onState: tell,
    });
    peer.start();
    const timer = setInterval(() => {
      const playheadMs = peer.sourceNowMs() - options.latencyMs;
      peer.setPlayhead(playheadMs);
      options.onTick(playheadMs);
    }, TICK_MS);
    return new SwarmMember(peer, async () => {
      clearInterval(timer);
      // The other way round, neighbors would never hear that we go.
      await peer.close();
      links?.close();
      tracker.close();
    });
  }

  private constructor(peer: MeshPeer, closeAll: () => Promise<void>) {
    this.#peer = peer;
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

  sourceNowMs(): number {
    return this.#peer.sourceNowMs();
  }

  /** Says good-bye to everybody. */
  leave(): Promise<void> {
    return this.#closeAll();
  }
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
