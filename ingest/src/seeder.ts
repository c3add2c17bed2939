import type { MeshStats } from "#mesh";
import { newPeerId, TrackerClient } from "#transport";
import type { IngestLog } from "./ingest-log.ts";
import type { Origin } from "./origin.ts";
import type { Publisher } from "./publisher.ts";

export type SeederOptions = {
  publisher: Publisher;
  origin: Origin;
  /** Base URL of the tracker. */
  trackerUrl: string;
  webrtc: { port: number; bindAddress: string | undefined };
  uploadBps: number;
  log: IngestLog;
};

export type Seeder = {
  stats(): Pick<MeshStats, "bytes" | "blocks" | "neighbors">;
  /** Ends the stream at the tracker and says good-bye to neighbors. */
  close(): Promise<void>;
};

/** How often the tracker is told what was published and sent, in ms. */
const STATS_PAUSE_MS = 500;

/** Publish the stream at a tracker and be its first peer. The tracker may come and go. */
export function startSeeder({ publisher, origin, trackerUrl, log }: SeederOptions): Seeder {
  const tracker = new TrackerClient({
    url: trackerUrl,
    streamId: publisher.streamId,
    peerId: newPeerId(),
    role: "seeder",
    want: 0,
    signProof: (challenge) => publisher.signer.publishProof(challenge),
  });
  tracker.subscribe({
    onPublished: () => log.debug({ revision: publisher.descriptor.revision }, "published"),
    onState: (state) => log.info({ tracker: trackerUrl, state }, "tracker"),
    onRefused: (what, { code, message }) => log.warn({ what, code }, `tracker refused: ${message}`),
  });
  tracker.publish(publisher.signed);
  publisher.listen({ onDescriptor: (signed) => tracker.publish(signed) });
  tracker.start();
  const timer = setInterval(() => {
    const { chunks, blocks, copyBytes } = publisher.counts;
    const bytes = { copy: copyBytes, seeder: 0, origin: origin.sentBytes, control: 0 };
    tracker.sendStats({ streamId: publisher.streamId, chunks, blocks, bytes });
  }, STATS_PAUSE_MS);
  return {
    stats: () => ({
      bytes: {
        fromPeers: 0,
        fromSeeder: 0,
        fromOrigin: 0,
        uploaded: 0,
        duplicate: 0,
        control: 0,
      },
      blocks: { received: 0, rejected: 0, repaired: 0 },
      neighbors: [],
    }),
    async close() {
      clearInterval(timer);
      tracker.unpublish();
      tracker.close();
    },
  };
}
