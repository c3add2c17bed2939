import * as z from "zod/mini";
import { signingInput } from "./block.ts";
import type { PeerReport, ViewerStats } from "./client-message.ts";
import type { Steer } from "./control/steer.ts";
import { describeIssue, type SignedDescriptor, signedDescriptorSchema } from "./descriptor.ts";
import type { PeerId, StreamId } from "./ids.ts";
import type { PeerRecord, Role } from "./peer-record.ts";
import {
  bytesCount,
  membership,
  membershipKey,
  type PeerHints,
  peerId,
  resume,
  role,
  signalSchema,
  TRACKER_LIMITS,
} from "./tracker-fields.ts";

/** WebRTC negotiation as the tracker relays it: never looked into, only bounded. */
export type Signal = z.infer<typeof signalSchema>;

export type IceServer = { urls: string | string[]; username?: string; credential?: string };

export type Announce = {
  streamId: StreamId;
  peerId: PeerId;
  role: Role;
  want: number;
  token?: string | undefined;
  resume?: string | undefined;
  hints?: PeerHints | undefined;
};

/**
 * A peer as it is introduced. `near` is how near it is to whoever is told of it: in the same
 * network (behind the same public address), or in the same region.
 */
export type IntroducedPeer = PeerRecord & { near?: "network" | "region" | undefined };

export type PublisherStats = {
  streamId: StreamId;
  chunks: number;
  blocks: number;
  /** Cumulative since the publisher started; `copy` is one copy of everything published. */
  bytes: { copy: number; seeder: number; origin: number; control: number };
};

export type TrackerErrorCode =
  | "unknown-stream"
  | "bad-message"
  | "peer-id-taken"
  | "not-announced"
  | "not-allowed"
  | "too-many"
  | "full";

/**
 * Why a tracker closes a connection.
 * - `too-many`: this socket, or its address, went over a limit.
 * - `moving`: this tracker stops; another one, or its successor, takes over.
 */
export type GoodbyeCode = "too-many" | "moving";
/** `message` is one line for a person; `retryMs` is when to come back, to be spread by the client. */
export type Goodbye = { code: GoodbyeCode; message: string; retryMs: number };

export type TrackerFailure = { ok: false; code: TrackerErrorCode; message: string };
export type Reply<T> = ({ ok: true } & T) | TrackerFailure;

export type AnnounceReply = Reply<{
  descriptor: SignedDescriptor;
  peers: IntroducedPeer[];
  iceServers: IceServer[];
  /** Everybody in the swarm, seeders not counted. */
  viewers: number;
  serverTimeMs: number;
  /** This peer's signed record, and the key that signed it and everybody else's. */
  membership?: string;
  membershipKey?: string;
  /** To be shown with the next announce. */
  resume?: string;
}>;

export type FindPeersReply = Reply<{
  peers: IntroducedPeer[];
  viewers: number;
  /** The same record with a later end. */
  membership?: string;
}>;

/** socket.io events from client to tracker, each with the answer it gets. */
export type ClientToTracker = {
  announce: (message: Announce, reply: (reply: AnnounceReply) => void) => void;
  "find-peers": (message: { want: number }, reply: (reply: FindPeersReply) => void) => void;
  relay: (
    message: { to: PeerId; signal: Signal },
    reply: (reply: Reply<Record<never, never>>) => void,
  ) => void;
  publish: (
    message: { descriptor: SignedDescriptor; proof: string; token?: string | undefined },
    reply: (reply: Reply<{ serverTimeMs: number }>) => void,
  ) => void;
  unpublish: (
    message: { streamId: StreamId },
    reply: (reply: Reply<Record<never, never>>) => void,
  ) => void;
  report: (
    message: { peerId: PeerId },
    reply: (reply: Reply<Record<never, never>>) => void,
  ) => void;
  clock: (
    message: Record<never, never>,
    reply: (reply: Reply<{ serverTimeMs: number }>) => void,
  ) => void;
  leave: (
    message: Record<never, never>,
    reply: (reply: Reply<Record<never, never>>) => void,
  ) => void;
  "publisher-stats": (message: PublisherStats) => void;
  "viewer-stats": (message: ViewerStats) => void;
  "peer-report": (message: PeerReport) => void;
};

/** socket.io events from tracker to client. */
export type TrackerToClient = {
  /** Peers worth knowing, unasked: a seeder that came back, neighbors for a thin swarm. */
  introduce: (message: { peers: PeerRecord[] }) => void;
  /** `record` is the sender as the tracker knows it. */
  relay: (message: { from: PeerRecord; signal: Signal }) => void;
  /** The stream's descriptor changed. */
  descriptor: (message: { descriptor: SignedDescriptor }) => void;
  /** What the operator's experiments want of this peer; checked by who acts on it. */
  steer: (message: Steer) => void;
  /** The connection ends now, and this is why. */
  goodbye: (message: Goodbye) => void;
};

/**
 * Read negotiation that came over a neighbor.
 * @throws {TypeError} When it is not what a tracker would have relayed.
 */
export function parseSignal(text: string): Signal {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TypeError("a signal is JSON, this is not", { cause });
  }
  const result = signalSchema.safeParse(json);
  if (!result.success) throw new TypeError(`signal: ${describeIssue(result.error)}`);
  return result.data;
}

const peerRecordsSchema = z
  .array(z.object({ peerId, role, near: z.optional(z.enum(["network", "region"])) }))
  .check(z.maxLength(TRACKER_LIMITS.introduce));
const iceServersSchema = z
  .array(
    z.object({
      urls: z.union([z.string(), z.array(z.string())]),
      username: z.optional(z.string()),
      credential: z.optional(z.string()),
    }),
  )
  .check(z.maxLength(8));

/** What a tracker may say unasked; clients check it, for trackers can be wrong or hostile too. */
export const trackerMessageSchemas = {
  introduce: z.object({ peers: peerRecordsSchema }),
  relay: z.object({ from: z.object({ peerId, role }), signal: signalSchema }),
  descriptor: z.object({ descriptor: signedDescriptorSchema }),
  goodbye: z.object({
    code: z.enum(["too-many", "moving"]),
    message: z.string().check(z.maxLength(500)),
    retryMs: z.number().check(z.minimum(0), z.maximum(TRACKER_LIMITS.retryMs)),
  }),
} as const;

export const announceReplySchema = z.object({
  ok: z.literal(true),
  descriptor: signedDescriptorSchema,
  peers: peerRecordsSchema,
  iceServers: iceServersSchema,
  viewers: bytesCount,
  serverTimeMs: bytesCount,
  membership: z.optional(membership),
  membershipKey: z.optional(membershipKey),
  resume,
});

export const findPeersReplySchema = z.object({
  ok: z.literal(true),
  peers: peerRecordsSchema,
  membership: z.optional(membership),
});

/**
 * What a publisher signs to prove to this tracker, on this connection, that it holds the key.
 * @param challenge The socket's id, chosen by the tracker; ASCII.
 */
export function publishSigningInput(
  streamIdRaw: Uint8Array,
  challenge: string,
): Uint8Array<ArrayBuffer> {
  const ascii = Uint8Array.from(challenge, (character) => character.charCodeAt(0) & 0x7f);
  return signingInput("livemesh/publish/1\0", streamIdRaw, ascii);
}
