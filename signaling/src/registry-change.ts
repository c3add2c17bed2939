import type {
  PeerId,
  PeerRecord,
  PublisherStats,
  SignedDescriptor,
  StreamDescriptor,
  StreamId,
} from "#protocol";
import type { Place, SocketId } from "./swarm.ts";

/** A stream as trackers tell each other, and as it is kept over a restart. */
export type StreamSnapshot = {
  descriptor: StreamDescriptor;
  signed: SignedDescriptor;
  /** As in `PublisherPhase`; `stored` is read back from where it was kept: nobody has seen its
   * publisher since. */
  phase: "here" | "gone" | "ended" | "stored";
  /** Of the publisher; only in phase `here`. */
  socketId: SocketId | undefined;
  /** How long ago the phase began, in ms. */
  ageMs: number;
  stats: PublisherStats | undefined;
};

/** What one tracker tells the others of what happened at its sockets. */
export type RegistryChange =
  | { type: "stream"; stream: StreamSnapshot }
  | { type: "stats"; stats: PublisherStats }
  | { type: "forgotten"; streamId: StreamId }
  | {
      type: "joined";
      streamId: StreamId;
      member: { record: PeerRecord; socketId: SocketId; place: Place };
    }
  | { type: "left"; streamId: StreamId; peerId: PeerId; socketId: SocketId };
