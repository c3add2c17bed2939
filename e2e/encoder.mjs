#!/usr/bin/env node
/**
 * An encoder for tests, without ffmpeg: sends an MPEG-TS clip over TCP at its own pace, again and
 * again, with the time stamps rising across the seam. Not the product's code on purpose: what we
 * send must not have the same misunderstandings as what we test.
 *
 *   node e2e/encoder.mjs tcp://127.0.0.1:3000 [--clip file.ts] [--seconds n] [--odd-bytes]
 *     [--without-audio]
 *
 * With `--odd-bytes` packets are torn: each write ends 100 bytes into the next packet. With
 * `--without-audio` the tables still name an audio track, as those of an encoder do whose
 * microphone failed.
 * Tries until somebody listens. Exit code 0 after `--seconds`, 3 when the server hangs up.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const PACKET_BYTES = 188;
const SYNC_BYTE = 0x47;
/** PTS and DTS count in 90 kHz and wrap at 33 bits (ISO/IEC 13818-1, 2.4.3.7). */
const TICKS_PER_MS = 90;
const CLOCK_WRAP = 2n ** 33n;
const CONNECT_RETRY_MS = 100;
/** Where `--odd-bytes` tears a packet: in the payload, past its headers. */
const TORN_AT_BYTES = 100;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    clip: {
      type: "string",
      default: fileURLToPath(new URL("../ingest/clip/pattern.m2ts", import.meta.url)),
    },
    seconds: { type: "string" },
    "odd-bytes": { type: "boolean", default: false },
    "without-audio": { type: "boolean", default: false },
  },
});
const target = new URL(positionals[0] ?? "");
const clip = readClip(values.clip);

/** Held back from the last write, for `--odd-bytes`. */
let remainder = Buffer.alloc(0);

const socket = await connectSoon(target.hostname, Number(target.port));
console.log(`sending to ${target.host}`);
socket.on("close", () => {
  console.error("the server hung up");
  process.exit(3);
});
socket.on("error", () => {});
await send();
socket.removeAllListeners("close");
socket.end(() => process.exit(0));

/** Send loop after loop, each packet when its time has come. */
async function send() {
  const startMs = performance.now();
  const endMs = values.seconds === undefined ? Infinity : Number(values.seconds) * 1000;
  const counters = new Map();
  for (let loop = 0; ; loop++) {
    const offsetMs = (loop * clip.durationTicks) / TICKS_PER_MS;
    for (const { atTicks, packets } of clip.units) {
      const dueMs = offsetMs + atTicks / TICKS_PER_MS;
      if (dueMs > endMs) return;
      const waitMs = startMs + dueMs - performance.now();
      // Every frame in its own time, as a camera gives them; a late timer catches up by itself.
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const bytes = Buffer.from(packets);
      restamp(bytes, BigInt(loop) * BigInt(clip.durationTicks), counters);
      if (!socket.write(torn(bytes))) await new Promise((resolve) => socket.once("drain", resolve));
    }
  }
}

function torn(bytes) {
  if (!values["odd-bytes"]) return bytes;
  const all = Buffer.concat([remainder, bytes]);
  remainder = all.subarray(all.length - (PACKET_BYTES - TORN_AT_BYTES));
  return all.subarray(0, all.length - remainder.length);
}

async function connectSoon(host, port) {
  for (;;) {
    const socket = connect({ host, port, noDelay: true });
    const isOpen = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    if (isOpen) return socket;
    await new Promise((resolve) => setTimeout(resolve, CONNECT_RETRY_MS));
  }
}

/** The clip cut at the starts of video frames, with the decoding time of each. */
function readClip(file) {
  const all = readFileSync(file);
  const bytes = values["without-audio"] ? withoutAudio(all) : all;
  if (bytes[0] !== SYNC_BYTE || bytes.length % PACKET_BYTES !== 0) {
    throw new Error(`${file} is not whole ${PACKET_BYTES}-byte TS packets`);
  }
  const units = [];
  let first;
  let last = 0n;
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
    const packet = bytes.subarray(at, at + PACKET_BYTES);
    const pes = pesHeader(packet);
    if (pes === undefined || (pes.streamId & 0xf0) !== 0xe0) continue;
    const dts = pes.dts ?? pes.pts;
    first ??= dts;
    const previous = units.at(-1);
    if (previous !== undefined) previous.end = at;
    // What comes before the first picture (PAT, PMT) goes with it.
    units.push({ atTicks: Number(dts - first), start: previous === undefined ? 0 : at });
    last = dts;
  }
  if (first === undefined || units.length < 2) throw new Error(`${file} has no video frames`);
  const frameTicks = Number(last - first) / (units.length - 1);
  return {
    durationTicks: Math.round(frameTicks * units.length),
    units: units.map(({ atTicks, start, end }) => ({
      atTicks,
      packets: bytes.subarray(start, end ?? bytes.length),
    })),
  };
}

/** The packets of every PID that carries no audio PES. */
function withoutAudio(bytes) {
  const packets = Array.from({ length: bytes.length / PACKET_BYTES }, (_, index) =>
    bytes.subarray(index * PACKET_BYTES, (index + 1) * PACKET_BYTES),
  );
  const isAudio = (packet) => ((pesHeader(packet)?.streamId ?? 0) & 0xe0) === 0xc0;
  const audioPids = new Set(packets.filter(isAudio).map(pidOf));
  return Buffer.concat(packets.filter((packet) => !audioPids.has(pidOf(packet))));
}

function pidOf(packet) {
  return ((packet[1] & 0x1f) << 8) | packet[2];
}

/** Move PTS, DTS and PCR by `offset` ticks and count every PID's packets on. */
function restamp(bytes, offset, counters) {
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
    const packet = bytes.subarray(at, at + PACKET_BYTES);
    const pid = pidOf(packet);
    if ((packet[3] & 0x10) !== 0) {
      const counter = ((counters.get(pid) ?? -1) + 1) & 15;
      counters.set(pid, counter);
      packet[3] = (packet[3] & 0xf0) | counter;
    }
    const hasPcr = (packet[3] & 0x20) !== 0 && packet[4] > 0 && (packet[5] & 0x10) !== 0;
    if (hasPcr) writePcr(packet, 6, (readPcr(packet, 6) + offset) % CLOCK_WRAP);
    const pes = pesHeader(packet);
    if (pes === undefined) continue;
    if (pes.pts !== undefined) writeTime(packet, pes.timesAt, (pes.pts + offset) % CLOCK_WRAP);
    if (pes.dts !== undefined) writeTime(packet, pes.timesAt + 5, (pes.dts + offset) % CLOCK_WRAP);
  }
}

/** Undefined when no audio or video PES packet starts in this TS packet. */
function pesHeader(packet) {
  const startsUnit = (packet[1] & 0x40) !== 0;
  if (!startsUnit || (packet[3] & 0x10) === 0) return undefined;
  const at = 4 + ((packet[3] & 0x20) !== 0 ? 1 + packet[4] : 0);
  if (packet[at] !== 0 || packet[at + 1] !== 0 || packet[at + 2] !== 1) return undefined;
  const streamId = packet[at + 3];
  if (streamId < 0xc0 || streamId > 0xef) return undefined;
  const flags = packet[at + 7] >> 6;
  const timesAt = at + 9;
  return {
    streamId,
    timesAt,
    pts: (flags & 2) !== 0 ? readTime(packet, timesAt) : undefined,
    dts: flags === 3 ? readTime(packet, timesAt + 5) : undefined,
  };
}

function readTime(packet, at) {
  return (
    (BigInt((packet[at] >> 1) & 7) << 30n) |
    (BigInt(((packet[at + 1] << 8) | packet[at + 2]) >> 1) << 15n) |
    BigInt(((packet[at + 3] << 8) | packet[at + 4]) >> 1)
  );
}

function writeTime(packet, at, ticks) {
  packet[at] = (packet[at] & 0xf1) | (Number((ticks >> 30n) & 7n) << 1);
  packet.writeUInt16BE((Number((ticks >> 15n) & 0x7fffn) << 1) | 1, at + 1);
  packet.writeUInt16BE((Number(ticks & 0x7fffn) << 1) | 1, at + 3);
}

function readPcr(packet, at) {
  return (BigInt(packet.readUInt32BE(at)) << 1n) | BigInt(packet[at + 4] >> 7);
}

function writePcr(packet, at, ticks) {
  packet.writeUInt32BE(Number(ticks >> 1n), at);
  packet[at + 4] = (packet[at + 4] & 0x7f) | (Number(ticks & 1n) << 7);
}
