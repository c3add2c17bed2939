import * as z from "zod/mini";
import { signingInput } from "./block.ts";
import type { Steer } from "./control/steer.ts";
import { describeIssue, type SignedDescriptor, signedDescriptorSchema } from "./descriptor.ts";
import { isPeerId, isStreamId, type PeerId, type StreamId } from "./ids.ts";
import { type PeerRecord, ROLES, type Role, SIGNED_RECORD_BYTES } from "./peer-record.ts";

/** Bounds on what one client can make the tracker hold or do. */
export const TRACKER_LIMITS = {
  /** One socket.io message: a descriptor with room to spare. */
  messageBytes: 24 * 1024,
  /** Peers introduced in one answer. */
  introduce: 16,
  /** An offer or answer with a dozen candidates is 3 KiB. */
  sdpBytes: 12 * 1024,
  candidateBytes: 1024,
  /** A JSON Web Token with all claims is 400 characters. */
  tokenLength: 2048,
  /** Name of a region, as in `eu-west-1`. */
  regionLength: 32,
  /** Pause that a tracker can ask for, in ms. */
  retryMs: 600_000,
  /** Neighbors in one report: those that carried most. */
  reportedNeighbors: 40,
} as const;

const streamId = z.string().check(z.refine(isStreamId));
const peerId = z.string().check(z.refine(isPeerId));
const bytesCount = z.number().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER));
const role = z.enum(ROLES);
/** An encoded signed record, in hexadecimal. */
const membership = z.string().check(z.regex(/^[0-9a-f]*$/), z.length(2 * SIGNED_RECORD_BYTES));
/** Uncompressed P-256 point, in hexadecimal. */
const membershipKey = z.string().check(z.regex(/^04[0-9a-f]{128}$/));

const signalSchema = z.union([
  z.object({
    type: z.enum(["offer", "answer"]),
    sdp: z.string().check(z.maxLength(TRACKER_LIMITS.sdpBytes)),
  }),
  z.object({
    type: z.literal("candidate"),
    candidate: z.string().check(z.maxLength(TRACKER_LIMITS.candidateBytes)),
    mid: z.string().check(z.maxLength(32)),
    lineIndex: z.optional(z.int().check(z.minimum(0), z.maximum(32))),
  }),
]);

/** What a viewer was let in with: a JSON Web Token, or what the operator's server makes of it. */
const token = z.optional(z.string().check(z.maxLength(TRACKER_LIMITS.tokenLength)));
/** Handed out with an announce: whoever shows it again is the same peer, on whatever socket. */
const resume = z.optional(z.string().check(z.regex(/^[0-9a-f]{32}$/)));

/**
 * What kind of NAT a peer is behind, as far as it knows. Two `symmetric` ones cannot connect without
 * a relay (RFC 4787 calls it address- and port-dependent mapping).
 */
export const NAT_CLASSES = ["open", "cone", "symmetric"] as const;

/** What helps the tracker to introduce well. All of it is the peer's word: it orders, no more. */
const hintsSchema = z.object({
  /** What it can send to others, in bit/s. */
  uploadBps: z.optional(z.number().check(z.minimum(0), z.maximum(1e11))),
  nat: z.optional(z.enum(NAT_CLASSES)),
  /** Named by the page or the operator, compared for equality only. */
  region: z.optional(
    z.string().check(z.regex(/^[\w.-]+$/), z.maxLength(TRACKER_LIMITS.regionLength)),
  ),
});
export type PeerHints = z.infer<typeof hintsSchema>;

/** The stage at which a try to connect to a peer ended. */
export const ICE_FAILURE_STAGES = [
  "no-candidates",
  "no-relay",
  "relay-refused",
  "server-silent",
  "no-answer",
  "no-path",
  "no-channel",
] as const;
export type IceFailureStage = (typeof ICE_FAILURE_STAGES)[number];

const eventCount = z.int().check(z.minimum(0), z.maximum(10_000));

/** What a client may send; every entry is checked by the tracker before anything else happens. */
export const clientMessageSchemas = {
  announce: z.object({
    streamId,
    peerId,
    role,
    /** How many neighbors it would like to hear of. */
    want: z.int().check(z.minimum(0), z.maximum(TRACKER_LIMITS.introduce)),
    token,
    resume,
    hints: z.optional(hintsSchema),
  }),
  "find-peers": z.object({
    want: z.int().check(z.minimum(1), z.maximum(TRACKER_LIMITS.introduce)),
  }),
  relay: z.object({ to: peerId, signal: signalSchema }),
  publish: z.object({
    descriptor: signedDescriptorSchema,
    /** Signature over {@link publishSigningInput}, hexadecimal. */
    proof: z.string().check(z.regex(/^[0-9a-f]{128}$/)),
    token,
  }),
  unpublish: z.object({ streamId }),
  clock: z.object({}),
  leave: z.object({}),
  /** How watching went since the last report. The viewer's word: charts rest on it, no decision. */
  "viewer-stats": z.object({
    latencyMs: z.optional(z.number().check(z.minimum(0), z.maximum(3_600_000))),
    stalls: z.object({
      count: eventCount,
      totalMs: z.number().check(z.minimum(0), z.maximum(3_600_000)),
    }),
    bytes: z.object({
      peers: bytesCount,
      seeder: bytesCount,
      origin: bytesCount,
      uploaded: bytesCount,
    }),
    rejectedBlocks: eventCount,
    iceFailures: z.optional(z.partialRecord(z.enum(ICE_FAILURE_STAGES), eventCount)),
  }),
  /** What a peer that was asked to (`steer`) did in the last `spanMs`. Its word, too. */
  "peer-report": z.object({
    spanMs: z.number().check(z.minimum(1), z.maximum(3_600_000)),
    latencyMs: z.optional(z.number().check(z.minimum(0), z.maximum(3_600_000))),
    stalls: z.object({
      count: eventCount,
      totalMs: z.number().check(z.minimum(0), z.maximum(3_600_000)),
    }),
    bytes: z.object({
      peers: bytesCount,
      seeder: bytesCount,
      origin: bytesCount,
      uploaded: bytesCount,
    }),
    chunks: z.object({ delivered: bytesCount, missed: bytesCount }),
    rejectedBlocks: eventCount,
    /** What its uplink is believed to carry, in bit/s, and what of it neighbors count on. */
    uplink: z.object({ budgetBps: bytesCount, promisedBps: bytesCount }),
    neighborCount: eventCount,
    neighbors: z
      .array(
        z.object({
          peerId,
          rttMs: z.optional(z.number().check(z.minimum(0), z.maximum(600_000))),
          receivedBytes: bytesCount,
          sentBytes: bytesCount,
          /** Stripes it pushes to the reporter, and the reporter to it. */
          parentOf: z.int().check(z.minimum(0), z.maximum(256)),
          childOf: z.int().check(z.minimum(0), z.maximum(256)),
        }),
      )
      .check(z.maxLength(TRACKER_LIMITS.reportedNeighbors)),
  }),
  "publisher-stats": z.object({
    streamId,
    chunks: bytesCount,
    blocks: bytesCount,
    bytes: z.object({
      copy: bytesCount,
      seeder: bytesCount,
      origin: bytesCount,
      control: bytesCount,
    }),
  }),
} as const;

export type ViewerStats = z.infer<(typeof clientMessageSchemas)["viewer-stats"]>;
export type PeerReport = z.infer<(typeof clientMessageSchemas)["peer-report"]>;
export type ClientMessageName = keyof typeof clientMessageSchemas;

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
 * Check one message from a client.
 * @throws {TypeError} With one line that names the field.
 */
export function parseClientMessage<N extends ClientMessageName>(
  name: N,
  message: unknown,
): z.infer<(typeof clientMessageSchemas)[N]> {
  const result = clientMessageSchemas[name].safeParse(message);
  if (!result.success) throw new TypeError(`${name}: ${describeIssue(result.error)}`);
  return result.data as z.infer<(typeof clientMessageSchemas)[N]>;
}

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
