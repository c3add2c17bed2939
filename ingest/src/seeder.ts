import type { MeshStats } from "#mesh";
import type { StatedTopology } from "#mesh/topology";
import type { Block, SignedDescriptor } from "#protocol";
import { bestCrypto256, MeshPeer, newPeerId, TrackerClient } from "#transport";
import { Steering } from "#transport/steering";
import { openUdpLinks, type UdpPlace } from "#transport/udp";
import type { IngestLog } from "./ingest-log.ts";
import type { Origin } from "./origin.ts";
import type { Publisher } from "./publisher.ts";

export type SeederOptions = {
  publisher: Publisher;
  origin: Origin;
  /** Base URL of the tracker. */
  trackerUrl: string;
  /** How the tracker lets us in; `isOwn` is one in this process, whatever its certificate says. */
  trackerAccess?: { token: string | (() => string) | undefined; isOwn: boolean };
  /** With a port that is free, or that another seeder of this process has. */
  webrtc: UdpPlace;
  /** What is sent to the mesh at most, in bit/s. */
  uploadBps: number;
  /** Peers fed directly, per stripe: copies of the stream that leave here. Default: the mesh's. */
  copies?: number | undefined;
  /** Who is linked to whom, and who of them we are. Default: found out by the mesh. */
  topology?: StatedTopology | undefined;
  /** Change the length of chunks, for an experiment; undefined: the tracker has no say in it. */
  setChunkMs?: ((chunkMs: number | undefined) => void) | undefined;
  log: IngestLog;
};

/** Nobody looks at a seeder's screen. */
const NOT_WATCHED = { latencyMs: undefined, stalls: { count: 0, totalMs: 0 } };

export type Seeder = {
  stats(): MeshStats;
  /** Ends the stream at the tracker and says good-bye to the neighbors. */
  close(): Promise<void>;
};

/** How often the tracker is told what was published and sent, in ms. */
const STATS_PAUSE_MS = 500;

/** A clock that differs by more spoils what viewers know of latency and deadlines, in ms. */
const CLOCK_SKEW_MS = 250;

/** How long a stop waits for the tracker to take the last descriptor, in ms. */
const LAST_WORDS_MS = 300;

/** Publish the stream at a tracker and be its first peer. The tracker may come and go. */
export async function startSeeder(options: SeederOptions): Promise<Seeder> {
  const { publisher, origin, log } = options;
  const { streamId } = publisher;
  const peerId = options.topology?.self ?? newPeerId();
  const { tracker, hush } = trackerClient(options, peerId);
  const links = await openUdpLinks({
    place: options.webrtc,
    iceServers: () => tracker.iceServers,
    without: "viewers start from the origin",
    log,
  });
  const peer = new MeshPeer({
    streamId,
    peerId,
    role: "seeder",
    tracker,
    ...(links === undefined ? {} : { links }),
    crypto: await bestCrypto256(),
    options: {
      uploadLimitBps: options.uploadBps,
      ...(options.copies === undefined ? {} : { seederCopies: options.copies }),
    },
    ...(options.topology && { topology: options.topology.topology }),
  });
  const spreader = new Spreader(peer);
  const lastWords = new LastWords();
  tracker.subscribe({ onPublished: () => lastWords.heard() });
  publisher.listen({
    onDescriptor: (signed) => {
      lastWords.saying();
      tracker.publish(signed);
      spreader.describe(signed);
    },
    onChunk: ({ blocks }) => spreader.spread(blocks),
  });
  tracker.publish(publisher.signed);
  spreader.describe(publisher.signed);
  peer.start();
  const steering = new Steering({
    peer,
    viewing: () => NOT_WATCHED,
    send: (report) => tracker.sendPeerReport(report),
    setChunkMs: options.setChunkMs,
  });
  tracker.subscribe({ onSteer: (message) => steering.take(message) });
  const timer = setInterval(() => {
    const { chunks, blocks, copyBytes } = publisher.counts;
    const { uploaded: seeder, control } = peer.stats().bytes;
    const bytes = { copy: copyBytes, seeder, origin: origin.sentBytes, control };
    tracker.sendStats({ streamId, chunks, blocks, bytes });
  }, STATS_PAUSE_MS);
  return {
    stats: () => peer.stats(),
    async close() {
      clearInterval(timer);
      steering.stop();
      hush();
      if (tracker.state === "online") await lastWords.said(LAST_WORDS_MS);
      tracker.unpublish();
      await peer.close();
      tracker.close();
      links?.close();
    },
  };
}

function trackerClient(
  { publisher, trackerUrl, trackerAccess, log }: SeederOptions,
  peerId: ReturnType<typeof newPeerId>,
): { tracker: TrackerClient; hush: () => void } {
  const tracker = new TrackerClient({
    url: trackerUrl,
    streamId: publisher.streamId,
    peerId,
    role: "seeder",
    token: trackerAccess?.token,
    trustsAnyCertificate: trackerAccess?.isOwn ?? false,
    // Viewers dial the seeder.
    want: 0,
    signProof: (challenge) => publisher.signer.publishProof(challenge),
  });
  const hush = tracker.subscribe({
    onState: (state) => {
      if (state === "online") log.info({ tracker: trackerUrl }, "online at the tracker");
      if (state === "offline")
        log.warn({ tracker: trackerUrl }, "tracker not reachable, trying on");
    },
    onClock: skewWarning(trackerUrl, log),
    onRefused: (what, { code, message }) => log.warn({ what, code }, `tracker refused: ${message}`),
    onGoodbye: ({ code, message }) => log.warn({ code }, `tracker closes: ${message}`),
  });
  return { tracker, hush };
}

/**
 * Blocks carry this machine's time, viewers know the tracker's: with both on one machine, or NTP on
 * both, that is the same.
 */
function skewWarning(trackerUrl: string, log: IngestLog): (offsetMs: number) => void {
  let isSaid = false;
  return (offsetMs) => {
    const skewMs = Math.round(Date.now() - (performance.now() + offsetMs));
    if (isSaid || Math.abs(skewMs) < CLOCK_SKEW_MS) return;
    isSaid = true;
    log.warn({ tracker: trackerUrl, skewMs }, "clock differs from the tracker's: use NTP on both");
  };
}

/** Whether the tracker has the newest descriptor: the last one says that the stream is over. */
class LastWords {
  #isHeard = true;
  #onHeard: () => void = () => {};

  saying(): void {
    this.#isHeard = false;
  }

  heard(): void {
    this.#isHeard = true;
    this.#onHeard();
  }

  said(withinMs: number): Promise<void> {
    if (this.#isHeard) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#onHeard = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Hands blocks to the mesh, but never before the descriptor they belong to. */
class Spreader {
  readonly #peer: MeshPeer;
  readonly #waiting: (readonly Block[])[] = [];
  #descriptorsAhead = 0;

  constructor(peer: MeshPeer) {
    this.#peer = peer;
  }

  /** Checking its signature takes a moment; what is published meanwhile waits. */
  async describe(signed: SignedDescriptor): Promise<void> {
    this.#descriptorsAhead++;
    await this.#peer.updateDescriptor(signed);
    if (--this.#descriptorsAhead > 0) return;
    for (const blocks of this.#waiting.splice(0)) this.#peer.publish(blocks);
  }

  spread(blocks: readonly Block[]): void {
    if (this.#descriptorsAhead > 0) this.#waiting.push(blocks);
    else this.#peer.publish(blocks);
  }
}
