import { decodePeerMessage, encodePeerMessage, peerIdFromBytes } from "#protocol";
import { stripesOfStream, usualBlock } from "./stream.mjs";

/** Messages of one kind that differ, so that no branch is foreseen; a power of two. */
const VARIANTS = 16;
const LAGS_MS = stripesOfStream().map((_, at) => 250 + at);

/** Name, messages per run (about 0.2 ms or more), message number `n`. */
const MESSAGES = [
  ["block of 8 KiB", 256, (n) => ({ type: "block", block: usualBlock(n) })],
  ["have, a second's news", 1024, (n) => have(n, 10, true)],
  ["have, a buffer map", 256, (n) => have(n, 96, false)],
  ["ping", 8192, (n) => ({ type: "ping", token: n })],
  ["subscribe", 8192, (n) => ({ type: "subscribe", track: 0, stripe: n % 8, isUrgent: false })],
  ["accept, 6 hops", 4096, (n) => ({ type: "accept", track: 0, stripe: n % 8, route: hops(n) })],
  [
    "request, 4 blocks",
    4096,
    (n) => ({ type: "request", track: 0, sequence: n, indexes: [0, 1, 2, 3] }),
  ],
];

/** What a message costs between object and bytes. Relaying encodes nothing: it sends what came. */
export function codec() {
  return {
    name: "codec",
    title: "codec: one message, encoded and decoded",
    unit: "ns",
    cases: MESSAGES.flatMap(([name, operations, messageAt]) => {
      const messages = Array.from({ length: VARIANTS }, (_, n) => messageAt(n));
      const encoded = messages.map(encodePeerMessage);
      const sizes = { operations, bytesEach: encoded[0].length };
      return [
        { name: `encode ${name}`, ...sizes, run: () => encodeAll(messages, operations) },
        { name: `decode ${name}`, ...sizes, run: () => decodeAll(encoded, operations) },
      ];
    }),
  };
}

function encodeAll(messages, count) {
  let bytes = 0;
  for (let i = 0; i < count; i++) bytes += encodePeerMessage(messages[i % VARIANTS]).length;
  return bytes;
}

function decodeAll(encoded, count) {
  let last;
  for (let i = 0; i < count; i++) last = decodePeerMessage(encoded[i % VARIANTS]);
  return last;
}

/** Holdings of video chunks of four blocks and audio chunks of one, in turn. */
function have(n, chunkCount, isComplete) {
  const chunks = Array.from({ length: chunkCount }, (_, at) => {
    const track = at % 2;
    const has = new Array(track === 0 ? 4 : 1).fill(true);
    if (!isComplete) has[n % has.length] = false;
    return { track, sequence: n + (at >> 1), has };
  });
  return { type: "have", lagsMs: LAGS_MS, chunks };
}

function hops(n) {
  return Array.from({ length: 6 }, (_, at) =>
    peerIdFromBytes(new Uint8Array(10).fill(16 * at + n)),
  );
}
