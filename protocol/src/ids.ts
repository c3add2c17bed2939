import { fromBase32, toBase32 } from "./base32.ts";

declare const brand: unique symbol;

/** Names a stream and authenticates it: the hash of the publisher's key, 32 base32 characters. */
export type StreamId = string & { readonly [brand]: "StreamId" };

/** Names a peer within a swarm: 16 base32 characters, chosen at random by the peer itself. */
export type PeerId = string & { readonly [brand]: "PeerId" };

export const STREAM_ID_BYTES = 20;
export const PEER_ID_BYTES = 10;

const STREAM_ID_PATTERN = /^[a-z2-7]{32}$/;
const PEER_ID_PATTERN = /^[a-z2-7]{16}$/;

export function isStreamId(text: string): text is StreamId {
  return STREAM_ID_PATTERN.test(text);
}

export function isPeerId(text: string): text is PeerId {
  return PEER_ID_PATTERN.test(text);
}

/**
 * The stream id that belongs to a public key.
 * @param keyHash SHA-256 of the key's uncompressed point (65 bytes, RFC 5480 section 2.2).
 */
export function streamIdFromKeyHash(keyHash: Uint8Array): StreamId {
  if (keyHash.length !== 32) throw new TypeError(`keyHash must be 32 bytes, got ${keyHash.length}`);
  return toBase32(keyHash.subarray(0, STREAM_ID_BYTES)) as StreamId;
}

export function streamIdBytes(id: StreamId): Uint8Array<ArrayBuffer> {
  return fromBase32(id);
}

export function streamIdFromBytes(bytes: Uint8Array): StreamId {
  if (bytes.length !== STREAM_ID_BYTES) {
    throw new TypeError(`a stream id is ${STREAM_ID_BYTES} bytes, got ${bytes.length}`);
  }
  return toBase32(bytes) as StreamId;
}

/** @param random {@link PEER_ID_BYTES} random bytes. */
export function peerIdFromBytes(random: Uint8Array): PeerId {
  if (random.length !== PEER_ID_BYTES) {
    throw new TypeError(`a peer id is ${PEER_ID_BYTES} bytes, got ${random.length}`);
  }
  return toBase32(random) as PeerId;
}

export function peerIdBytes(id: PeerId): Uint8Array<ArrayBuffer> {
  return fromBase32(id);
}

/** A number that everybody gets from a peer id alike: its first two bytes. */
export function shortPeerId(id: PeerId): number {
  const [high = 0, low = 0] = peerIdBytes(id);
  return high * 256 + low;
}
