import { SIGNATURE_BYTES, signingInput } from "./block.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import {
  PEER_ID_BYTES,
  type PeerId,
  peerIdBytes,
  peerIdFromBytes,
  type StreamId,
  streamIdBytes,
} from "./ids.ts";

export const ROLES = ["viewer", "seeder"] as const;
export type Role = (typeof ROLES)[number];

/** A peer as the tracker introduces it. The role is the tracker's word, not the peer's own. */
export type PeerRecord = { peerId: PeerId; role: Role };

/**
 * The tracker's word in a form that peers can pass on: who is a member of the swarm, as what, and
 * until when (Unix time in ms). Which stream's swarm is part of what was signed, not of the record.
 */
export type SignedPeerRecord = PeerRecord & { expiresAtMs: number; signature: Uint8Array };

const UNSIGNED_BYTES = PEER_ID_BYTES + 1 + 6;
export const SIGNED_RECORD_BYTES = UNSIGNED_BYTES + SIGNATURE_BYTES;

/**
 * What the tracker signs: a context string, the stream, so that a record never fits another swarm,
 * and the record without its signature.
 */
export function memberSigningInput(
  streamId: StreamId,
  record: Omit<SignedPeerRecord, "signature">,
): Uint8Array<ArrayBuffer> {
  const unsigned = new ByteWriter(UNSIGNED_BYTES);
  writeUnsigned(unsigned, record);
  return signingInput("livemesh/member/1\0", streamIdBytes(streamId), unsigned.finish());
}

export function encodeSignedRecord(record: SignedPeerRecord): Uint8Array {
  const writer = new ByteWriter(SIGNED_RECORD_BYTES);
  writeSignedRecord(writer, record);
  return writer.finish();
}

/**
 * Read exactly one record. The signature is not checked here: nobody is dialed before it is.
 * @throws {DecodeError} On anything else.
 */
export function decodeSignedRecord(bytes: Uint8Array): SignedPeerRecord {
  const reader = new ByteReader(bytes);
  const record = readSignedRecord(reader);
  reader.expectEnd();
  return record;
}

/** @throws {RangeError} When the signature is not 64 bytes. */
export function writeSignedRecord(writer: ByteWriter, record: SignedPeerRecord): void {
  if (record.signature.length !== SIGNATURE_BYTES) {
    throw new RangeError(`a signature is ${SIGNATURE_BYTES} bytes, got ${record.signature.length}`);
  }
  writeUnsigned(writer, record);
  writer.bytes(record.signature);
}

/** The signature is a copy: records outlive the message they came in. */
export function readSignedRecord(reader: ByteReader): SignedPeerRecord {
  const peerId = peerIdFromBytes(reader.bytes(PEER_ID_BYTES));
  const roleCode = reader.u8();
  const role = ROLES[roleCode] ?? reader.refuse(`role ${roleCode}`);
  const expiresAtMs = reader.u48();
  return { peerId, role, expiresAtMs, signature: reader.bytes(SIGNATURE_BYTES).slice() };
}

function writeUnsigned(writer: ByteWriter, record: Omit<SignedPeerRecord, "signature">): void {
  writer.bytes(peerIdBytes(record.peerId)).u8(ROLES.indexOf(record.role)).u48(record.expiresAtMs);
}
