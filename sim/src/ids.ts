import type { PeerId, StreamId } from "#protocol";

export const SIM_STREAM_ID = "s".repeat(32) as StreamId;

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** A valid peer id that differs for each number and spreads over the numbers that peers get from their ids. */
export function simPeerId(number: number): PeerId {
  let bits = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  let id = "";
  for (let i = 0; i < 6; i++) {
    id += ALPHABET[bits & 31];
    bits >>>= 5;
  }
  let rest = number;
  for (let i = 0; i < 10; i++) {
    id += ALPHABET[rest & 31];
    rest >>>= 5;
  }
  return id as PeerId;
}
