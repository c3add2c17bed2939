import * as z from "zod/mini";
import { describeIssue, signedDescriptorSchema } from "./descriptor.ts";
import {
  bytesCount,
  eventCount,
  hintsSchema,
  ICE_FAILURE_STAGES,
  peerId,
  resume,
  role,
  signalSchema,
  streamId,
  TRACKER_LIMITS,
  token,
} from "./tracker-fields.ts";

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
  /** This peer sent blocks that the publisher did not sign. The reporter's word. */
  report: z.object({ peerId }),
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
