#!/usr/bin/env node
/**
 * A stranger with bad intentions and a real data channel. Announces itself like any viewer, dials
 * one victim, earns its trust as far as the attack needs it, and sends bad blocks until it is shown
 * the door.
 *
 *   node e2e/hostile-peer.mjs --server http://127.0.0.1:8080 --stream ID --victim PEER --attack KIND
 *
 * Attacks called `…-flood` go on as fast as the link takes it, until they are shown the door or `--seconds`
 * are over.
 *
 * Prints one line of JSON a step: {"step": "connected"}, {"step": "attacked", "blocks": 3},
 * {"step": "closed", "bye": "bad-blocks"}. The built wire format is used for the valid parts only.
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { parseArgs } from "node:util";
import nodeDataChannel from "node-datachannel";
import { io } from "socket.io-client";
import {
  blockSigningInput,
  decodeBlock,
  decodeBundle,
  decodePeerMessage,
  encodePeerMessage,
  encodeUnsignedBlock,
  PEER_PROTOCOL_VERSION,
  peerIdFromBytes,
  sealBlock,
} from "../dist/protocol/index.js";

/** What each attack sends; all of it in vain. */
const ATTACKS = {
  /** The type of a block, then noise. */
  malformed: () => unasked(() => Buffer.concat([Buffer.of(9), randomBytes(40)])),
  /** A real block with so much behind it that it leaves the protocol's limit. */
  oversized: () =>
    unasked(({ real }) => Buffer.concat([Buffer.of(9), real.bytes, randomBytes(20 * 1024)])),
  /** Real, but nobody asked this peer for it. */
  unrequested: () => unasked(({ real }) => blockMessage(real.bytes)),
  /** Blocks of the near future for a stripe the victim subscribed to, without a signature. */
  unsigned: () => pushed(({ real }) => forge(real, () => Buffer.alloc(64))),
  /** The same, signed by a key that is not the publisher's. */
  "wrongly-signed": () => pushed(({ real }) => forge(real, signWithOwnKey)),
  /** Real and of a subscribed stripe, but long gone. */
  replayed: () => pushed(({ old }) => blockMessage(old.bytes), REPLAY_AGE_MS),
  "malformed-flood": () => flood(() => Buffer.concat([Buffer.of(9), randomBytes(40)])),
  "unknown-flood": () => flood(() => Buffer.concat([Buffer.of(200), randomBytes(40)])),
  "ping-flood": () => flood(() => encodePeerMessage({ type: "ping", token: 7 })),
  /** All that one message can claim: the dearest to read. */
  "claim-flood": () => flood(({ claims }) => claims),
  "request-flood": () => flood(({ request }) => request),
  "unrequested-flood": () => flood(({ real }) => blockMessage(real.bytes)),
  /** Forged ones of a stripe the victim subscribed to: each costs it a signature check. */
  "signature-flood": () => pushed(({ real }) => forge(real, signWithOwnKey), undefined, 400),
};
const BAD_BLOCKS = 3;
/** Older than a peer's window and its slack for slow clocks: nobody honest has these any more. */
const REPLAY_AGE_MS = 21_000;
/** Chunks ahead of the live edge: nobody can hold them, so nobody can call them duplicates. */
const AHEAD_CHUNKS = 3;
const AHEAD_CHUNKS_MAX = 20;
/** What may wait in the link: a flood is as fast as the path, not as large as memory. */
const FLOOD_BUFFER_BYTES = 128 * 1024;
const FLOOD_ROUND = 500;

const { values: options } = parseArgs({
  options: {
    server: { type: "string" },
    stream: { type: "string" },
    victim: { type: "string" },
    attack: { type: "string" },
    seconds: { type: "string", default: "20" },
  },
});
const attack = ATTACKS[options.attack]?.();
if (attack === undefined) {
  console.error(`--attack is one of ${Object.keys(ATTACKS).join(", ")}`);
  process.exit(2);
}

/** The data channel: answers pings, remembers the victim's last words, ends with the link. */
class Link {
  #channel;
  #waiting = new Set();
  #bye;

  constructor(channel) {
    this.#channel = channel;
    this.opened = new Promise((resolve) => channel.onOpen(resolve));
    channel.onMessage((bytes) => this.#received(new Uint8Array(bytes)));
    channel.onClosed(() => {
      say({ step: "closed", bye: this.#bye ?? null });
      process.exit(0);
    });
  }

  /** Into the void when the other side has closed: native code would end this process. */
  send(bytes) {
    if (this.#channel.isOpen()) this.#channel.sendMessageBinary(Buffer.from(bytes));
  }

  get bufferedBytes() {
    return this.#channel.isOpen() ? this.#channel.bufferedAmount() : 0;
  }

  next(isWanted) {
    return new Promise((resolve) => this.#waiting.add({ isWanted, resolve }));
  }

  #received(bytes) {
    const message = decodePeerMessage(bytes);
    if (message.type === "ping") this.send(encodePeerMessage({ ...message, type: "pong" }));
    if (message.type === "bye") this.#bye = message.reason;
    for (const waiting of this.#waiting) {
      if (!waiting.isWanted(message)) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(message);
    }
  }
}

const self = peerIdFromBytes(randomBytes(10));
const { privateKey: ownKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const [signed] = await getBundle("join");
const descriptor = JSON.parse(JSON.parse(new TextDecoder().decode(signed)).body);

const socket = io(options.server, { transports: ["websocket"] });
await announce();
const link = await dialVictim();
say({ step: "connected" });
await attack();

/** Bad blocks out of nowhere. */
function unasked(make) {
  return async () => {
    const real = await newestBlock();
    for (let count = 0; count < BAD_BLOCKS; count++) link.send(make({ real, count }));
    say({ step: "attacked", blocks: BAD_BLOCKS });
  };
}

/** The same again and again. */
function flood(make) {
  return async () => {
    const real = await newestBlock();
    const { track, sequence } = real;
    const indexes = Array.from({ length: 64 }, (_, index) => index);
    const has = new Array(900).fill(true).with(0, false);
    const chunks = Array.from({ length: 120 }, (_, back) => ({
      ...{ track, sequence: sequence - back, isIndependent: false, has },
    }));
    const request = encodePeerMessage({ type: "request", track, sequence, indexes });
    const claims = encodePeerMessage({ type: "have", lagsMs: [], chunks });
    const message = make({ real, request, claims });
    const endMs = Date.now() + 1000 * Number(options.seconds);
    let messages = 0;
    while (Date.now() < endMs) {
      for (let i = 0; i < FLOOD_ROUND && link.bufferedBytes < FLOOD_BUFFER_BYTES; i++) {
        link.send(message);
        messages++;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    say({ step: "attacked", messages });
    process.exit(0);
  };
}

/** Bad blocks on a stripe the victim asked for, from a peer that promised to be the quickest. */
function pushed(make, ageMs, blocks = BAD_BLOCKS) {
  return async () => {
    const oldBlocks = ageMs === undefined ? [] : await agedBlocks(ageMs);
    const { track, stripe } = await subscription();
    say({ step: "trusted", track, stripe });
    const real = await newestBlock(track);
    const { stripes } = descriptor.tracks[track];
    const old = oldBlocks.filter(({ sequence, index }) => (sequence + index) % stripes === stripe);
    for (let count = 0; count < blocks; count++) {
      // One block of each chunk ahead lies on the stripe: its index follows from the sequence.
      const sequence = real.sequence + AHEAD_CHUNKS + (count % AHEAD_CHUNKS_MAX);
      const index = (stripe + stripes - (sequence % stripes)) % stripes;
      const ahead = { ...real, sequence, index, count: stripes };
      link.send(make({ real: ahead, old: old[count % old.length] }));
    }
    say({ step: "attacked", blocks });
  };
}

/** Wait for the victim to subscribe; to be asked, look close to the source and say so again. */
async function subscription() {
  const boast = () => {
    const lags = descriptor.tracks.flatMap(({ stripes }) => new Array(stripes).fill(1));
    link.send(encodePeerMessage({ type: "have", lagsMs: lags, chunks: [] }));
  };
  boast();
  const timer = setInterval(boast, 200);
  const asked = await link.next(
    (message) => message.type === "subscribe" && descriptor.tracks[message.track].kind === "video",
  );
  clearInterval(timer);
  const { track, stripe } = asked;
  const route = [peerIdFromBytes(randomBytes(10)), self];
  link.send(encodePeerMessage({ type: "accept", track, stripe, route }));
  return asked;
}

/** Real video blocks of every stripe, once all of them are that old. */
async function agedBlocks(ageMs) {
  const { track, sequence: newest } = await newestBlock();
  const { id, stripes } = descriptor.tracks[track];
  for (;;) {
    const blocks = [];
    for (let sequence = newest - 3 * stripes; sequence <= newest; sequence++) {
      const bundle = await getBundle(`tracks/${id}/blocks/${sequence}`).catch(() => []);
      blocks.push(...bundle.map(decodeBlock));
    }
    const old = blocks.filter(({ sourceTimeMs }) => Date.now() - sourceTimeMs > ageMs);
    const stripesSeen = new Set(old.map(({ sequence, index }) => (sequence + index) % stripes));
    if (stripesSeen.size === stripes) return old;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function forge(header, signer) {
  const payload = Buffer.from("livemesh-forgery".repeat(64));
  const unsigned = encodeUnsignedBlock({ ...header, sourceTimeMs: Date.now() }, payload);
  return blockMessage(sealBlock(unsigned, signer(unsigned)));
}

function signWithOwnKey(unsigned) {
  const input = blockSigningInput(options.stream, unsigned);
  return sign("sha256", input, { key: ownKey, dsaEncoding: "ieee-p1363" });
}

function blockMessage(bytes) {
  return encodePeerMessage({ type: "block", block: decodeBlock(bytes) });
}

/** The newest video block the origin has; the join response always ends at the live edge. */
async function newestBlock(track) {
  const blocks = (await getBundle("join")).slice(1).map(decodeBlock);
  const video = descriptor.tracks.findIndex(({ kind }) => kind === "video");
  const newest = blocks.findLast((block) => block.track === (track ?? video));
  if (newest === undefined) throw new Error("the origin has no block of the track");
  return newest;
}

async function getBundle(path) {
  const response = await fetch(`${options.server}/streams/${options.stream}/${path}`);
  if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
  return decodeBundle(new Uint8Array(await response.arrayBuffer()));
}

async function announce() {
  const announced = { streamId: options.stream, peerId: self, role: "viewer", want: 16 };
  const reply = await socket.emitWithAck("announce", announced);
  if (!reply.ok) throw new Error(`announce: ${reply.code} ${reply.message}`);
  if (!reply.peers.some(({ peerId }) => peerId === options.victim)) {
    throw new Error("the tracker does not know the victim");
  }
}

/** Dial as any newcomer does, and say hello. */
async function dialVictim() {
  const connection = new nodeDataChannel.PeerConnection(self, { iceServers: [] });
  const relay = (signal) => socket.emit("relay", { to: options.victim, signal }, () => {});
  connection.onLocalDescription((sdp, type) => relay({ type, sdp }));
  let isAnswered = false;
  // Ours wait for the answer: libdatachannel refuses a certificate that comes before it.
  const own = [];
  connection.onLocalCandidate((candidate, mid) => {
    const signal = { type: "candidate", candidate: candidate.replace(/^a=/, ""), mid };
    if (isAnswered) relay(signal);
    else own.push(signal);
  });
  // Of a link that the victim dials itself at the same time, nothing is wanted.
  const add = ({ candidate, mid }) => {
    try {
      connection.addRemoteCandidate(candidate, mid);
    } catch {
      // Of that other link; the others will do.
    }
  };
  // A candidate before the answer is an error to node-datachannel.
  const early = [];
  socket.on("relay", ({ from, signal }) => {
    if (from.peerId !== options.victim || signal.type === "offer") return;
    if (signal.type === "candidate") {
      if (isAnswered) add(signal);
      else early.push(signal);
      return;
    }
    connection.setRemoteDescription(signal.sdp, signal.type);
    isAnswered = true;
    for (const candidate of early) add(candidate);
    for (const candidate of own) relay(candidate);
  });
  const link = new Link(connection.createDataChannel("mesh", { unordered: true }));
  await link.opened;
  link.send(
    encodePeerMessage({
      type: "hello",
      version: PEER_PROTOCOL_VERSION,
      streamId: options.stream,
      descriptorRevision: descriptor.revision,
      uploadBps: 100_000_000,
    }),
  );
  return link;
}

function say(step) {
  console.log(JSON.stringify(step));
}
