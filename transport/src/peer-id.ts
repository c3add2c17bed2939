import { PEER_ID_BYTES, type PeerId, peerIdFromBytes } from "#protocol";

/** A name for this peer in one swarm. Random: nobody hands them out, 80 bits do not collide. */
export function newPeerId(): PeerId {
  return peerIdFromBytes(globalThis.crypto.getRandomValues(new Uint8Array(PEER_ID_BYTES)));
}
