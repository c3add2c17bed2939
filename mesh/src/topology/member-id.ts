import { PEER_ID_BYTES, type PeerId, peerIdFromBytes } from "#protocol";
import {
  type MemberName,
  type StatedTopology,
  type TopologyFile,
  topologyOf,
} from "./topology-file.ts";

/**
 * The peer id of a named place, where members are processes that cannot tell each other their random
 * ones: anybody could take it, which is why nothing but experiments uses it. The first two bytes
 * differ: they say in which trees a peer has its place.
 */
export function memberPeerId(name: MemberName): PeerId {
  const number = name === "seeder" ? 0 : Number(name.slice("peer".length)) + 1;
  const bytes = new Uint8Array(PEER_ID_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, number % 2 ** 16);
  view.setUint32(2, number);
  return peerIdFromBytes(bytes);
}

/** What the process that has this place needs to know. */
export function statedTopology(file: TopologyFile, self: MemberName): StatedTopology {
  return { topology: topologyOf(file, memberPeerId), self: memberPeerId(self) };
}
