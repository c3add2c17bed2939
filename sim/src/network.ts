import type { PeerId, PeerMessage } from "#protocol";
import type { EventQueue } from "./event-queue.ts";
import { type Carrier, type Due, type Host, Letter, Link } from "./host.ts";
import type { PeerTraits } from "./population.ts";
import { normal, type Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";

/** SCTP over DTLS over UDP carries this much of a message per packet, in bytes (dcsctp). */
const PACKET_BYTES = 1191;
/** Headers of IP, UDP, DTLS, SCTP and the data chunk, in bytes per packet. */
const PACKET_OVERHEAD_BYTES = 93;
/** A selective acknowledgement costs this; every second packet gets one. */
const ACK_BYTES = 85;
/** Initial window (10 packets), smallest window, and where growth ends, in bytes (dcsctp). */
const INITIAL_WINDOW_BYTES = 10 * PACKET_BYTES;
const LEAST_WINDOW_BYTES = 4 * PACKET_BYTES;
const LARGEST_WINDOW_BYTES = 1024 * 1024;
/** Least retransmission time-out, in ms: what a lost last packet waits. */
const LEAST_TIMEOUT_MS = 220;
/** Water marks of a link's buffer in bytes, as in transport. */
export const HIGH_WATER_BYTES = 64 * 1024;
const LOW_WATER_BYTES = 16 * 1024;
/** A link whose buffer would grow beyond this loses the message: `bufferedAmount` is bounded. */
const BUFFER_MAX_BYTES = 1024 * 1024;
/** Round trips until a data channel is open: signaling, ICE, DTLS, SCTP. */
const CONNECT_ROUND_TRIPS = 5;
/** A TURN server is this far from everybody, one way in ms, as tracker and origin are. */
const TURN_ONE_WAY_MS = 20;
/** Before the rest of the set-up: to be refused, to be given an address, to name the other side. */
const TURN_ROUND_TRIPS = 3;
/** What a channel of TURN adds to each packet, in bytes (RFC 8656, section 12.4). */
const TURN_HEADER_BYTES = 4;
/** A pair that cannot meet finds out after this long, in ms. */
const CONNECT_FAILS_AFTER_MS = 5000;

/** Bytes of a message on the wire, acknowledgements included. */
export function wireBytes(messageBytes: number): number {
  const packets = Math.ceil(messageBytes / PACKET_BYTES);
  return messageBytes + packets * PACKET_OVERHEAD_BYTES + Math.ceil(packets / 2) * ACK_BYTES;
}

/** The same through TURN. */
function relayedWireBytes(messageBytes: number): number {
  const packets = Math.ceil(messageBytes / PACKET_BYTES);
  return wireBytes(messageBytes) + (packets + Math.ceil(packets / 2)) * TURN_HEADER_BYTES;
}

/** Access lines as queues, paths with latency and loss, and links that take their time to open. */
export class Network implements Carrier {
  readonly #scenario: Scenario;
  readonly #queue: EventQueue<Due>;
  readonly #random: Random;
  /** Message bytes: sent = received + lost + under way. */
  readonly bytes = { sent: 0, received: 0, lost: 0, underWay: 0 };
  /** Of what was sent through TURN, on the wire and one way: somebody pays for them. */
  relayedBytes = 0;
  #nowMs = 0;

  constructor(scenario: Scenario, queue: EventQueue<Due>, random: Random) {
    this.#scenario = scenario;
    this.#queue = queue;
    this.#random = random;
  }

  set nowMs(nowMs: number) {
    this.#nowMs = nowMs;
  }

  oneWayMs(a: PeerTraits, b: PeerTraits): number {
    if (a.lan >= 0 && a.lan === b.lan) return 1;
    const { min, max } = this.#scenario.latencyMs;
    return min + ((max - min) * Math.hypot(a.x - b.x, a.y - b.y)) / Math.SQRT2;
  }

  canMeet(a: PeerTraits, b: PeerTraits): boolean {
    return !(a.isHardNat && b.isHardNat) || (a.lan >= 0 && a.lan === b.lan);
  }

  /** Dial: `done` is told when the channel is open, or with false when it will never be. */
  connect(
    a: Host,
    b: Host | undefined,
    signalingMs: number,
    done: (isOpen: boolean) => void,
  ): void {
    const fail = (afterMs: number) => this.#after(afterMs, () => done(false));
    if (b === undefined) return fail(CONNECT_FAILS_AFTER_MS);
    const isRelayed = !this.canMeet(a.traits, b.traits);
    const hasTurn = a.traits.hasTurn || b.traits.hasTurn;
    if (isRelayed && !hasTurn) return fail(CONNECT_FAILS_AFTER_MS);
    const oneWayMs = isRelayed ? 2 * TURN_ONE_WAY_MS : this.oneWayMs(a.traits, b.traits);
    const turnMs = isRelayed ? 2 * TURN_ROUND_TRIPS * TURN_ONE_WAY_MS : 0;
    const takesMs = signalingMs + turnMs + 2 * CONNECT_ROUND_TRIPS * this.#jittered(oneWayMs);
    this.#after(takesMs, () => {
      if (a.isGone) return;
      if (b.isGone || a.isCut || b.isCut || a.links.has(b.peer)) {
        return fail(CONNECT_FAILS_AFTER_MS - takesMs);
      }
      const path = { oneWayMs, isRelayed };
      a.links.set(b.peer, new Link(a, b, path, INITIAL_WINDOW_BYTES));
      b.links.set(a.peer, new Link(b, a, path, INITIAL_WINDOW_BYTES));
      done(true);
    });
  }

  /** Close both directions; the other side hears of it a little later. */
  disconnect(host: Host, peer: PeerId): void {
    const link = host.links.get(peer);
    if (link === undefined) return;
    // What was handed over before still leaves; nothing more is heard from the other side.
    host.links.delete(peer);
    const back = link.to.links.get(host.peer);
    this.#after(link.oneWayMs + 1, () => {
      link.isOpen = false;
      if (back === undefined || link.to.links.get(host.peer) !== back) return;
      back.isOpen = false;
      link.to.links.delete(host.peer);
      if (!link.to.isGone) link.to.inbox.linkClosed(host.peer);
    });
  }

  /** The machine is off: nobody is told. */
  vanish(host: Host): void {
    host.isGone = true;
    for (const letter of host.waiting) this.#lose(letter);
    host.waiting.length = 0;
    host.links.clear();
  }

  send(from: Host, to: PeerId, message: PeerMessage, sizeBytes: number): void {
    const link = from.links.get(to);
    if (link === undefined || !link.isOpen || from.isGone) return;
    const letter = new Letter(this, link, message, sizeBytes);
    this.bytes.sent += sizeBytes;
    this.bytes.underWay += sizeBytes;
    if (link.bufferedBytes + sizeBytes > BUFFER_MAX_BYTES) return this.#lose(letter);
    const isIdle = !from.isServing && from.uplinkBusyUntilMs <= this.#nowMs;
    if (isIdle) return this.#transmit(letter);
    from.waiting.push(letter);
    from.waitingBytes += sizeBytes;
    link.bufferedBytes += sizeBytes;
    if (!link.isCongested && link.bufferedBytes >= HIGH_WATER_BYTES) {
      link.isCongested = true;
      this.#after(0, () => from.inbox.congested(to));
    }
    this.#serveLater(from);
  }

  #serveLater(host: Host): void {
    if (host.isServing) return;
    host.isServing = true;
    host.service ??= { run: () => this.#serve(host) };
    this.#queue.push(host.uplinkBusyUntilMs, host.service);
  }

  #serve(host: Host): void {
    host.isServing = false;
    const letter = host.waiting.shift();
    if (letter === undefined || host.isGone) return;
    const { link } = letter;
    host.waitingBytes -= letter.sizeBytes;
    link.bufferedBytes -= letter.sizeBytes;
    if (link.isCongested && link.bufferedBytes <= LOW_WATER_BYTES) {
      link.isCongested = false;
      host.inbox.drained(link.to.peer);
    }
    this.#transmit(letter);
    if (host.waiting.length > 0) this.#serveLater(host);
  }

  #transmit(letter: Letter): void {
    const { link, sizeBytes } = letter;
    const { from } = link;
    const wire = link.isRelayed ? relayedWireBytes(sizeBytes) : wireBytes(sizeBytes);
    if (link.isRelayed) this.relayedBytes += wire;
    from.uplinkBusyUntilMs = this.#nowMs + (wire * 8000) / from.uplinkBps;
    from.sentBytes += wire;
    const arriveAtMs =
      from.uplinkBusyUntilMs +
      this.#jittered(link.oneWayMs) +
      this.#transportDelayMs(link, sizeBytes);
    this.#queue.push(arriveAtMs, letter);
  }

  /** What SCTP adds: rounds while its window is smaller than the message, and retransmissions. */
  #transportDelayMs(link: Link, sizeBytes: number): number {
    const roundTripMs = 2 * link.oneWayMs;
    let delayMs = 0;
    for (let sent = link.windowBytes, window = sent; sent < sizeBytes; sent += window) {
      delayMs += roundTripMs;
      window *= 2;
    }
    link.windowBytes = Math.min(link.windowBytes + sizeBytes, LARGEST_WINDOW_BYTES);
    const packets = Math.ceil(sizeBytes / PACKET_BYTES);
    const isHit = this.#random() < 1 - (1 - this.#scenario.packetLoss) ** packets;
    if (!isHit) return delayMs;
    link.windowBytes = Math.max(link.windowBytes / 2, LEAST_WINDOW_BYTES);
    // Later packets' acknowledgements show the hole, unless it is near the end of the message.
    const isTail = this.#random() * packets < 3 && link.bufferedBytes === 0;
    const timeoutMs = Math.max(LEAST_TIMEOUT_MS, 1.5 * roundTripMs);
    delayMs += isTail ? timeoutMs : 1.1 * roundTripMs;
    if (this.#random() < this.#scenario.packetLoss) delayMs += timeoutMs;
    return delayMs;
  }

  /** The last packet is at the other side's access line. */
  arrive(letter: Letter, nowMs: number): void {
    const { link } = letter;
    const { to, from } = link;
    if (!link.isOpen || to.isGone || from.isCut || to.isCut || !to.links.has(from.peer)) {
      return this.#lose(letter);
    }
    // The first packets came while the last were still sent: only a busy downlink adds to that.
    const downMs = (wireBytes(letter.sizeBytes) * 8000) / to.traits.downlinkBps;
    to.downlinkBusyUntilMs = Math.max(nowMs, to.downlinkBusyUntilMs + downMs);
    if (to.downlinkBusyUntilMs > nowMs) {
      this.#queue.push(to.downlinkBusyUntilMs, letter);
    } else {
      this.deliver(letter);
    }
  }

  /** It is through the access line. */
  deliver(letter: Letter): void {
    const { link, message, sizeBytes } = letter;
    if (link.to.isGone || !link.isOpen) return this.#lose(letter);
    this.bytes.underWay -= sizeBytes;
    this.bytes.received += sizeBytes;
    link.to.inbox.arrived(link.from.peer, message, sizeBytes);
  }

  #lose({ sizeBytes }: Letter): void {
    this.bytes.underWay -= sizeBytes;
    this.bytes.lost += sizeBytes;
  }

  #jittered(ms: number): number {
    const { jitter } = this.#scenario;
    return jitter === 0 ? ms : ms * Math.exp(jitter * normal(this.#random));
  }

  #after(delayMs: number, run: () => void): void {
    this.#queue.push(this.#nowMs + Math.max(0, delayMs), { run });
  }
}
