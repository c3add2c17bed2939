import { type Block, decodeBlock, SIGNATURE_BYTES } from "./block.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { DecodeError } from "./errors.ts";
import {
  PEER_ID_BYTES,
  type PeerId,
  peerIdBytes,
  peerIdFromBytes,
  STREAM_ID_BYTES,
  type StreamId,
  streamIdBytes,
  streamIdFromBytes,
} from "./ids.ts";
import { WIRE_LIMITS } from "./limits.ts";
import {
  readSignedRecord,
  SIGNED_RECORD_BYTES,
  type SignedPeerRecord,
  writeSignedRecord,
} from "./peer-record.ts";

/** Spoken in `hello`; peers of another version part at once. */
export const PEER_PROTOCOL_VERSION = 2;

/** Lag of a stripe that has not delivered anything yet. */
export const UNKNOWN_LAG_MS = 0xffff;

/** Which blocks of one chunk a peer holds: `has[index]`. The buffer map is a list of these. */
export type ChunkHoldings = {
  track: number;
  sequence: number;
  has: readonly boolean[];
  /** The chunk starts at a key frame: a newcomer can begin there. Left out where it does not. */
  isIndependent?: boolean;
};

export const REFUSAL_REASONS = ["full", "loop", "unknown-stripe", "leaving"] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export const DENIAL_REASONS = ["not-held", "busy"] as const;
export type DenialReason = (typeof DENIAL_REASONS)[number];

export const BYE_REASONS = [
  "leaving",
  "wrong-version",
  "wrong-stream",
  "bad-blocks",
  "bad-messages",
  "silent",
  "too-many-neighbors",
] as const;
export type ByeReason = (typeof BYE_REASONS)[number];

/** What one peer says to another. Byte layout: docs/protocol.md, section 2. */
export type PeerMessage =
  | {
      type: "hello";
      version: number;
      streamId: StreamId;
      /** Revision of the descriptor the sender has; a neighbor with a newer one sends it. */
      descriptorRevision: number;
      /** What the sender is willing to upload in all, in bit/s; 0 means nothing. */
      uploadBps: number;
    }
  | { type: "ping"; token: number }
  | { type: "pong"; token: number }
  | {
      type: "have";
      /** Per stripe, tracks in order: how far behind the source time blocks reach the sender. */
      lagsMs: number[];
      /** Only what changed since the last `have`; everything in the first. */
      chunks: ChunkHoldings[];
    }
  | {
      type: "subscribe";
      track: number;
      stripe: number;
      isUrgent: boolean;
      /** The child of the receiver that feeds the sender: the two could change places. */
      insteadOf?: PeerId;
      /** First chunk of which the sender lacks this stripe's block: the parent begins there. */
      fromSequence: number;
    }
  | {
      type: "accept";
      track: number;
      stripe: number;
      /** Way of the stripe from the seeder to the sender: each peer above it, the seeder first. */
      route: PeerId[];
    }
  /** From a parent: the way of the stripe changed. Whoever finds itself on it leaves the loop. */
  | { type: "route"; track: number; stripe: number; route: PeerId[] }
  | {
      type: "refuse";
      track: number;
      stripe: number;
      reason: RefusalReason;
      /** Peers that carry this stripe and may have slots, best first. */
      alternatives: PeerId[];
    }
  | { type: "unsubscribe"; track: number; stripe: number }
  | { type: "block"; block: Block }
  | { type: "request"; track: number; sequence: number; indexes: number[] }
  | { type: "cancel"; track: number; sequence: number; index: number }
  | { type: "deny"; track: number; sequence: number; index: number; reason: DenialReason }
  | { type: "descriptor"; signature: Uint8Array; body: Uint8Array }
  | { type: "bye"; reason: ByeReason }
  /** The sender itself, in the tracker's signed word: what its neighbors may pass on. */
  | { type: "member"; record: SignedPeerRecord }
  /** Whom else are you connected to? Answered by `peers`; by nothing when asked too often. */
  | { type: "find"; want: number }
  | { type: "peers"; records: SignedPeerRecord[] }
  | {
      type: "signal";
      /** Whoever is not this peer passes the message on, to a neighbor of its own or to nobody. */
      to: PeerId;
      from: SignedPeerRecord;
      /** JSON text of a {@link Signal} in UTF-8; not looked into on the way. */
      body: Uint8Array;
    };

const TYPE_CODES = {
  hello: 1,
  ping: 2,
  pong: 3,
  have: 4,
  subscribe: 5,
  accept: 6,
  refuse: 7,
  unsubscribe: 8,
  block: 9,
  request: 10,
  cancel: 11,
  deny: 12,
  descriptor: 13,
  bye: 14,
  route: 15,
  member: 16,
  find: 17,
  peers: 18,
  signal: 19,
} as const satisfies Record<PeerMessage["type"], number>;

const TYPE_NAMES = new Map<number, PeerMessage["type"]>(
  Object.entries(TYPE_CODES).map(([name, code]) => [code, name as PeerMessage["type"]]),
);

/** One lag per stripe of every track. */
const MAX_LAGS = WIRE_LIMITS.tracks * WIRE_LIMITS.stripes;

/** Set in a holdings' count when every block is held and the bits are left out. */
const COMPLETE = 0x8000;
/** Set there when the chunk is independent. */
const INDEPENDENT = 0x4000;

/**
 * Lags and upload rates are clamped to their field; nothing else is.
 * @throws {RangeError} When a list or the whole message would be above {@link WIRE_LIMITS}: the
 *   receiver would refuse it.
 */
export function encodePeerMessage(message: PeerMessage): Uint8Array {
  const writer = new ByteWriter(message.type === "block" ? 1 + message.block.bytes.length : 64);
  writer.u8(TYPE_CODES[message.type]);
  writeBody(writer, message);
  const bytes = writer.finish();
  if (bytes.length > WIRE_LIMITS.messageBytes) {
    throw new RangeError(`a ${message.type} of ${bytes.length} bytes does not fit one message`);
  }
  return bytes;
}

/**
 * Decode exactly one message. Binary fields are views into `bytes`.
 * @throws {DecodeError} On any other input: short, long, oversized or unknown.
 */
export function decodePeerMessage(bytes: Uint8Array): PeerMessage {
  if (bytes.length > WIRE_LIMITS.messageBytes) {
    throw new DecodeError("too-long", 0, `a message of ${bytes.length} bytes`);
  }
  const reader = new ByteReader(bytes);
  const code = reader.u8();
  const type = TYPE_NAMES.get(code);
  if (type === undefined) throw new DecodeError("unknown-type", 0, `message type ${code}`);
  const message = readBody(reader, type);
  reader.expectEnd();
  return message;
}

function writeBody(writer: ByteWriter, message: PeerMessage): void {
  switch (message.type) {
    case "hello":
      writer
        .u8(message.version)
        .bytes(streamIdBytes(message.streamId))
        .u32(message.descriptorRevision)
        .u32(clamped(message.uploadBps, 2 ** 32 - 1));
      return;
    case "ping":
    case "pong":
      writer.u32(message.token);
      return;
    case "have":
      writeList(writer, MAX_LAGS, message.lagsMs, (lagMs) =>
        writer.u16(clamped(lagMs, UNKNOWN_LAG_MS)),
      );
      writeList(writer, WIRE_LIMITS.haveChunks, message.chunks, (chunk) =>
        writeHoldings(writer, chunk),
      );
      return;
    case "subscribe":
      writer
        .u8(message.track)
        .u8(message.stripe)
        .u8((message.isUrgent ? 1 : 0) | (message.insteadOf === undefined ? 0 : 2))
        .u32(message.fromSequence);
      if (message.insteadOf !== undefined) writer.bytes(peerIdBytes(message.insteadOf));
      return;
    case "accept":
    case "route":
      writer.u8(message.track).u8(message.stripe);
      writeList(writer, WIRE_LIMITS.routeHops, message.route, (hop) =>
        writer.bytes(peerIdBytes(hop)),
      );
      return;
    case "unsubscribe":
      writer.u8(message.track).u8(message.stripe);
      return;
    case "refuse":
      writer.u8(message.track).u8(message.stripe).u8(REFUSAL_REASONS.indexOf(message.reason));
      writeList(writer, WIRE_LIMITS.alternatives, message.alternatives, (peer) =>
        writer.bytes(peerIdBytes(peer)),
      );
      return;
    case "block":
      writer.bytes(message.block.bytes);
      return;
    case "request":
      writer.u8(message.track).u32(message.sequence);
      writeList(writer, WIRE_LIMITS.requestBlocks, message.indexes, (index) => writer.u16(index));
      return;
    case "cancel":
      writer.u8(message.track).u32(message.sequence).u16(message.index);
      return;
    case "deny":
      writer.u8(message.track).u32(message.sequence).u16(message.index);
      writer.u8(DENIAL_REASONS.indexOf(message.reason));
      return;
    case "descriptor":
      writeDescriptor(writer, message.signature, message.body);
      return;
    case "bye":
      writer.u8(BYE_REASONS.indexOf(message.reason));
      return;
    case "member":
      writeSignedRecord(writer, message.record);
      return;
    case "find":
      writer.u8(message.want);
      return;
    case "peers":
      writeList(writer, WIRE_LIMITS.exchangePeers, message.records, (record) =>
        writeSignedRecord(writer, record),
      );
      return;
    case "signal":
      writer.bytes(peerIdBytes(message.to));
      writeSignedRecord(writer, message.from);
      writeBytes(writer, WIRE_LIMITS.signalBytes, message.body);
      return;
  }
}

function readBody(reader: ByteReader, type: PeerMessage["type"]): PeerMessage {
  switch (type) {
    case "hello":
      return {
        type,
        version: reader.u8(),
        streamId: streamIdFromBytes(reader.bytes(STREAM_ID_BYTES)),
        descriptorRevision: reader.u32(),
        uploadBps: reader.u32(),
      };
    case "ping":
    case "pong":
      return { type, token: reader.u32() };
    case "have":
      return {
        type,
        lagsMs: readList(reader, MAX_LAGS, () => reader.u16()),
        chunks: readList(reader, WIRE_LIMITS.haveChunks, () => readHoldings(reader)),
      };
    case "subscribe":
      return readSubscribe(reader);
    case "accept":
    case "route":
      return {
        type,
        ...readStripe(reader),
        route: readList(reader, WIRE_LIMITS.routeHops, () =>
          peerIdFromBytes(reader.bytes(PEER_ID_BYTES)),
        ),
      };
    case "unsubscribe":
      return { type, ...readStripe(reader) };
    case "refuse":
      return {
        type,
        ...readStripe(reader),
        reason: readName(reader, REFUSAL_REASONS),
        alternatives: readList(reader, WIRE_LIMITS.alternatives, () =>
          peerIdFromBytes(reader.bytes(PEER_ID_BYTES)),
        ),
      };
    case "block":
      return { type, block: decodeBlock(reader.rest()) };
    case "request":
      return {
        type,
        ...readChunkId(reader),
        indexes: readList(reader, WIRE_LIMITS.requestBlocks, () => readIndex(reader)),
      };
    case "cancel":
      return { type, ...readChunkId(reader), index: readIndex(reader) };
    case "deny":
      return {
        type,
        ...readChunkId(reader),
        index: readIndex(reader),
        reason: readName(reader, DENIAL_REASONS),
      };
    case "descriptor":
      return {
        type,
        signature: reader.bytes(SIGNATURE_BYTES),
        body: readBytes(reader, WIRE_LIMITS.descriptorBytes),
      };
    case "bye":
      return { type, reason: readName(reader, BYE_REASONS) };
    case "member":
      return { type, record: readSignedRecord(reader) };
    case "find":
      return { type, want: readWant(reader) };
    case "peers":
      return {
        type,
        records: readList(reader, WIRE_LIMITS.exchangePeers, () => readSignedRecord(reader)),
      };
    case "signal":
      return {
        type,
        to: peerIdFromBytes(reader.bytes(PEER_ID_BYTES)),
        from: readSignedRecord(reader),
        body: readBytes(reader, WIRE_LIMITS.signalBytes),
      };
  }
}

function writeDescriptor(writer: ByteWriter, signature: Uint8Array, body: Uint8Array): void {
  if (signature.length !== SIGNATURE_BYTES) {
    throw new RangeError(`a descriptor signed by ${signature.length} bytes`);
  }
  writer.bytes(signature);
  writeBytes(writer, WIRE_LIMITS.descriptorBytes, body);
}

function writeHoldings(writer: ByteWriter, holdings: ChunkHoldings): void {
  const { track, sequence, has, isIndependent = false } = holdings;
  if (has.length < 1 || has.length > WIRE_LIMITS.blocksPerChunk) {
    throw new RangeError(
      `a chunk has 1 to ${WIRE_LIMITS.blocksPerChunk} blocks, not ${has.length}`,
    );
  }
  writer.u8(track).u32(sequence);
  const count = has.length | (isIndependent ? INDEPENDENT : 0);
  if (has.every((held) => held)) {
    writer.u16(count | COMPLETE);
    return;
  }
  writer.u16(count);
  for (let start = 0; start < has.length; start += 8) {
    let bits = 0;
    for (let i = 0; i < 8; i++) if (has[start + i]) bits |= 0x80 >> i;
    writer.u8(bits);
  }
}

function readHoldings(reader: ByteReader): ChunkHoldings {
  const { track, sequence } = readChunkId(reader);
  const field = reader.u16();
  const count = field & ~(COMPLETE | INDEPENDENT);
  const start = (field & INDEPENDENT) === 0 ? {} : { isIndependent: true };
  if (count < 1 || count > WIRE_LIMITS.blocksPerChunk) reader.refuse(`a chunk of ${count} blocks`);
  if ((field & COMPLETE) !== 0) {
    return { track, sequence, has: new Array(count).fill(true), ...start };
  }
  const bits = reader.bytes(Math.ceil(count / 8));
  const has = Array.from(
    { length: count },
    (_, index) => ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0,
  );
  return { track, sequence, has, ...start };
}

function readChunkId(reader: ByteReader): { track: number; sequence: number } {
  return { track: readTrack(reader), sequence: reader.u32() };
}

function readSubscribe(reader: ByteReader): PeerMessage & { type: "subscribe" } {
  const stripe = readStripe(reader);
  const flags = reader.u8();
  const isUrgent = (flags & 1) !== 0;
  const message = { type: "subscribe", ...stripe, isUrgent, fromSequence: reader.u32() } as const;
  return (flags & 2) === 0
    ? message
    : { ...message, insteadOf: peerIdFromBytes(reader.bytes(PEER_ID_BYTES)) };
}

function readStripe(reader: ByteReader): { track: number; stripe: number } {
  const track = readTrack(reader);
  const stripe = reader.u8();
  if (stripe >= WIRE_LIMITS.stripes) reader.refuse(`stripe ${stripe}`);
  return { track, stripe };
}

function readTrack(reader: ByteReader): number {
  const track = reader.u8();
  if (track >= WIRE_LIMITS.tracks) reader.refuse(`track ${track}`);
  return track;
}

function readIndex(reader: ByteReader): number {
  const index = reader.u16();
  if (index >= WIRE_LIMITS.blocksPerChunk) reader.refuse(`block index ${index}`);
  return index;
}

function readWant(reader: ByteReader): number {
  const want = reader.u8();
  if (want < 1 || want > WIRE_LIMITS.exchangePeers) reader.refuse(`${want} peers wanted`);
  return want;
}

function readBytes(reader: ByteReader, maxBytes: number): Uint8Array {
  const length = reader.u16();
  if (length > maxBytes) throw new DecodeError("too-long", reader.offset, `${length} bytes`);
  return reader.bytes(length);
}

function writeBytes(writer: ByteWriter, maxBytes: number, bytes: Uint8Array): void {
  if (bytes.length > maxBytes) throw new RangeError(`${bytes.length} bytes, at most ${maxBytes}`);
  writer.u16(bytes.length).bytes(bytes);
}

function readName<T extends string>(reader: ByteReader, names: readonly T[]): T {
  const code = reader.u8();
  return names[code] ?? reader.refuse(`code ${code}`);
}

function readList<T>(reader: ByteReader, max: number, readOne: () => T): T[] {
  const length = reader.u8();
  if (length > max) throw new DecodeError("too-long", reader.offset, `a list of ${length}`);
  return Array.from({ length }, readOne);
}

function writeList<T>(
  writer: ByteWriter,
  max: number,
  list: readonly T[],
  writeOne: (item: T) => void,
): void {
  if (list.length > max) throw new RangeError(`a list of ${list.length}, at most ${max} fit`);
  writer.u8(list.length);
  for (const item of list) writeOne(item);
}

function clamped(value: number, max: number): number {
  return Math.max(0, Math.min(value, max));
}

/** Length of `encodePeerMessage(message)` without encoding it; peers account for what they send. */
export function peerMessageBytes(message: PeerMessage): number {
  switch (message.type) {
    case "hello":
      return 2 + STREAM_ID_BYTES + 8;
    case "ping":
    case "pong":
      return 5;
    case "have":
      return message.chunks.reduce(
        (sum, { has }) => sum + 7 + (has.every((held) => held) ? 0 : Math.ceil(has.length / 8)),
        3 + 2 * message.lagsMs.length,
      );
    case "subscribe":
      return 8 + (message.insteadOf === undefined ? 0 : PEER_ID_BYTES);
    case "accept":
    case "route":
      return 4 + PEER_ID_BYTES * message.route.length;
    case "unsubscribe":
      return 3;
    case "refuse":
      return 5 + PEER_ID_BYTES * message.alternatives.length;
    case "block":
      return 1 + message.block.bytes.length;
    case "request":
      return 7 + 2 * message.indexes.length;
    case "cancel":
      return 8;
    case "deny":
      return 9;
    case "descriptor":
      return 3 + message.signature.length + message.body.length;
    case "bye":
    case "find":
      return 2;
    case "member":
      return 1 + SIGNED_RECORD_BYTES;
    case "peers":
      return 2 + SIGNED_RECORD_BYTES * message.records.length;
    case "signal":
      return 3 + PEER_ID_BYTES + SIGNED_RECORD_BYTES + message.body.length;
  }
}
