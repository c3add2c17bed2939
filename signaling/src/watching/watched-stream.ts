import type { PeerId } from "#protocol";
import type { ControlPeer, ControlStream, MeshPicture } from "#protocol/control";
import type { StreamEntry } from "../registry.ts";
import type { Member } from "../swarm.ts";
import { AlertWatch } from "./alert-watch.ts";
import { PeerReports } from "./peer-reports.ts";
import { SteeringDesk } from "./steering-desk.ts";
import { StreamHistory } from "./stream-history.ts";
import type { StreamRecording } from "./stream-recording.ts";

/** Of a swarm so many are asked what they do; the rest is counted. Bounds messages and the picture. */
export const ASKED_MAX = 500;
/** Whoever looks asks again within this time, in ms. */
const WATCHED_FOR_MS = 15_000;

/** What is known of one stream beyond who is in it. */
export class WatchedStream {
  readonly history = new StreamHistory();
  readonly reports = new PeerReports();
  readonly desk = new SteeringDesk();
  readonly alerts = new AlertWatch();
  recording: StreamRecording | undefined;
  #watchedUntilMs = 0;

  /** Somebody looks: peers are asked what they do. */
  touch(nowMs: number): void {
    this.#watchedUntilMs = nowMs + WATCHED_FOR_MS;
  }

  isWatched(nowMs: number): boolean {
    return nowMs < this.#watchedUntilMs || this.recording?.isRunning === true;
  }

  picture({ descriptor, swarm }: StreamEntry, nowMs: number, wallClockMs: number): MeshPicture {
    const { peers, links } = this.reports.picture(nowMs);
    const here = peers.filter(({ peerId }) => swarm.get(peerId as PeerId) !== undefined);
    return {
      streamId: descriptor.streamId,
      atMs: wallClockMs,
      members: swarm.size,
      asked: Math.min(swarm.size, ASKED_MAX),
      peers: here.map((peer) => ({ ...peer, ...this.#orderOf(peer.peerId, nowMs) })),
      links,
    };
  }

  peer({ record, place }: Member, nowMs: number): ControlPeer | undefined {
    const told = this.reports.peer(record.peerId, nowMs);
    if (told === undefined) return undefined;
    // Its network stands for an address: that is nobody's business.
    const { network: _, ...hints } = place;
    return { ...told, hints, ...this.#orderOf(record.peerId, nowMs) };
  }

  #orderOf(peerId: string, nowMs: number): Pick<ControlPeer, "order"> {
    const order = this.desk.orderOf(peerId as PeerId, nowMs);
    return order === undefined ? {} : { order };
  }

  describe({ descriptor, publisher, swarm }: StreamEntry): Omit<ControlStream, "alerts"> {
    const { newest } = this.history;
    return {
      id: descriptor.streamId,
      title: descriptor.title,
      live: descriptor.isLive && publisher.phase === "here",
      viewers: swarm.viewerCount,
      scheduler: descriptor.scheduler,
      overlay: descriptor.overlay,
      chunkMs: descriptor.chunkMs,
      bitrateBps: descriptor.tracks.reduce((sum, { bitrateBps }) => sum + bitrateBps, 0),
      startedAt: new Date(descriptor.startedAtMs).toISOString(),
      ...(newest !== undefined && { newest }),
      experiment: this.desk.experiment,
      orderedPeers: this.desk.orderCount,
      isRecording: this.recording?.isRunning ?? false,
    };
  }
}
