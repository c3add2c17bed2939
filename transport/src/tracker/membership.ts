import {
  DecodeError,
  decodeSignedRecord,
  fromHex,
  type PeerId,
  type SignedPeerRecord,
} from "#protocol";

/** A peer's own signed record, and the key of the tracker that signed it and everybody else's. */
export type Membership = { key: Uint8Array; record: SignedPeerRecord };

/** Undefined when the tracker signs none, or one that is not ours. */
export function readMembership(
  self: PeerId,
  { membership, membershipKey }: { membership?: string; membershipKey?: string },
): Membership | undefined {
  if (membership === undefined || membershipKey === undefined) return undefined;
  try {
    const record = decodeSignedRecord(fromHex(membership));
    return record.peerId === self ? { key: fromHex(membershipKey), record } : undefined;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}
