import type { PeerMessage } from "#protocol";
import { TokenBucket } from "./token-bucket.ts";

/** What a neighbor may say in a second, in messages, and at once. Honest ones were not seen to send more
 * than some tens; 300 cost their receiver two percent of a core. What piled up while we slept is forgiven. */
const PER_SECOND = 300;
/** A message counts once for each such part of it: what a long list of claims costs to read. */
const COUNTED_BYTES = 128;
/** Blocks are what links are for, sent or asked for: a newcomer on a good line catches up on a second of 50 Mbit/s,
 * 780 blocks, from one neighbor. Of those nobody asked for three are too many anyway. */
const BLOCK_COST = 0.25;

/**
 * What one neighbor may still say. Every message costs us, whatever is in it: without a bound a peer that
 * breaks no rule could keep a viewer busy with questions. Counted in messages instead of bytes.
 */
export const messageAllowance = () => new TokenBucket(8 * PER_SECOND, PER_SECOND);

/** What a message is to its receiver, in messages: bytes to read, or answers to write. */
export function costOf(message: PeerMessage | undefined, sizeBytes: number): number {
  if (message?.type === "block") return BLOCK_COST;
  const answers = message?.type === "request" ? BLOCK_COST * message.indexes.length : 1;
  return Math.max(1, answers, sizeBytes / COUNTED_BYTES);
}
