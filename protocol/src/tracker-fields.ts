import * as z from "zod/mini";
import { isPeerId, isStreamId } from "./ids.ts";
import { ROLES, SIGNED_RECORD_BYTES } from "./peer-record.ts";

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

export const streamId = z.string().check(z.refine(isStreamId));
export const peerId = z.string().check(z.refine(isPeerId));
export const bytesCount = z.number().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER));
export const role = z.enum(ROLES);
/** An encoded signed record, in hexadecimal. */
export const membership = z
  .string()
  .check(z.regex(/^[0-9a-f]*$/), z.length(2 * SIGNED_RECORD_BYTES));
/** Uncompressed P-256 point, in hexadecimal. */
export const membershipKey = z.string().check(z.regex(/^04[0-9a-f]{128}$/));

export const signalSchema = z.union([
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
export const token = z.optional(z.string().check(z.maxLength(TRACKER_LIMITS.tokenLength)));
/** Handed out with an announce: whoever shows it again is the same peer, on whatever socket. */
export const resume = z.optional(z.string().check(z.regex(/^[0-9a-f]{32}$/)));

/**
 * What kind of NAT a peer is behind, as far as it knows. Two `symmetric` ones cannot connect without
 * a relay (RFC 4787 calls it address- and port-dependent mapping).
 */
export const NAT_CLASSES = ["open", "cone", "symmetric"] as const;

/** What helps the tracker to introduce well. All of it is the peer's word: it orders, no more. */
export const hintsSchema = z.object({
  /** What it can send to others, in bit/s. */
  uploadBps: z.optional(z.number().check(z.minimum(0), z.maximum(1e11))),
  nat: z.optional(z.enum(NAT_CLASSES)),
  /** Named by the page or the operator, compared for equality only. */
  region: z.optional(
    z.string().check(z.regex(/^[\w.-]+$/), z.maxLength(TRACKER_LIMITS.regionLength)),
  ),
  /** It opens no links and answers no offers: it is counted, and named to nobody. */
  isHttpOnly: z.optional(z.boolean()),
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

export const eventCount = z.int().check(z.minimum(0), z.maximum(10_000));
