import { WIRE_LIMITS } from "#protocol";
import { wireBytes } from "../network.ts";
import { normal, type Random } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { packed } from "./events.ts";
import type { FlatPeers } from "./flat-peers.ts";
import type { Links } from "./links.ts";
import type { TimingWheel } from "./timing-wheel.ts";

/** As in ../network.ts, by the same names. */
const PACKET_BYTES = 1191;
const LEAST_WINDOW_BYTES = 4 * PACKET_BYTES;
const LARGEST_WINDOW_BYTES = 1024 * 1024;
const LEAST_TIMEOUT_MS = 220;
const CONNECT_ROUND_TRIPS = 5;
export const CONNECT_FAILS_AFTER_MS = 5000;

/** Jitter is drawn from so many factors, a power of two: a logarithm and a cosine per message are dear. */
const JITTER_FACTORS = 8192;

/**
 * Access lines as queues, paths with latency, jitter and loss. The order of sending is decided before
 * a message gets here, so an uplink is the time until which it is busy, and a message one event.
 */
export class FlatNetwork {
  readonly #scenario: Scenario;
  readonly #peers: FlatPeers;
  readonly #links: Links;
  readonly #wheel: TimingWheel;
  readonly #random: Random;
  readonly #jitter = new Float64Array(JITTER_FACTORS);
  /** Probability that a message of so many packets loses one. */
  readonly #hitOdds: Float64Array;
  readonly #uplinkBusyUntilMs: Float64Array;
  readonly #downlinkBusyUntilMs: Float64Array;
  /** When the last block handed over begins to leave: until then something waits. */
  readonly #lastBeginsAtMs: Float64Array;
  readonly #wireBytes: Float64Array;
  /** Of all messages that are not blocks, on the wire. */
  controlWireBytes = 0;
  seederCutUntilMs = 0;

  constructor(
    scenario: Scenario,
    peers: FlatPeers,
    links: Links,
    wheel: TimingWheel,
    random: Random,
  ) {
    this.#scenario = scenario;
    this.#peers = peers;
    this.#links = links;
    this.#wheel = wheel;
    this.#random = random;
    for (let i = 0; i < JITTER_FACTORS; i++) {
      this.#jitter[i] = Math.exp(scenario.jitter * normal(random));
    }
    this.#wireBytes = Float64Array.from({ length: WIRE_LIMITS.messageBytes + 1 }, (_, i) =>
      wireBytes(i),
    );
    const packetsMax = Math.ceil(WIRE_LIMITS.messageBytes / PACKET_BYTES);
    this.#hitOdds = Float64Array.from(
      { length: packetsMax + 1 },
      (_, packets) => 1 - (1 - scenario.packetLoss) ** packets,
    );
    this.#uplinkBusyUntilMs = new Float64Array(peers.capacity);
    this.#downlinkBusyUntilMs = new Float64Array(peers.capacity);
    this.#lastBeginsAtMs = new Float64Array(peers.capacity);
  }

  oneWayMs(a: number, b: number): number {
    const { x, y } = this.#peers;
    const { min, max } = this.#scenario.latencyMs;
    const dx = (x[a] as number) - (x[b] as number);
    const dy = (y[a] as number) - (y[b] as number);
    return min + (max - min) * Math.sqrt((dx * dx + dy * dy) / 2);
  }

  canMeet(a: number, b: number): boolean {
    const { isHardNat } = this.#peers;
    return !(isHardNat[a] === 1 && isHardNat[b] === 1);
  }

  connectMs(a: number, b: number): number {
    return 2 * CONNECT_ROUND_TRIPS * this.#jittered(this.oneWayMs(a, b));
  }

  /** How long what is handed over now waits before it leaves, in ms. */
  backlogMs(peer: number): number {
    return Math.max(0, (this.#uplinkBusyUntilMs[peer] as number) - this.#wheel.nowMs);
  }

  /** Bytes handed over that have not begun to leave, about: of what is leaving, half is gone. */
  bufferedBytes(peer: number): number {
    const nowMs = this.#wheel.nowMs;
    const beginsInMs = (this.#lastBeginsAtMs[peer] as number) - nowMs;
    if (beginsInMs <= 0) return 0;
    const lastMs =
      (this.#uplinkBusyUntilMs[peer] as number) - (this.#lastBeginsAtMs[peer] as number);
    const waitingMs = Math.max(lastMs, beginsInMs + lastMs / 2);
    return (waitingMs * (this.#peers.uplinkBps[peer] as number)) / 8000;
  }

  /** Send a block through a link. @param kind Of the event at the receiver. */
  sendBlock(kind: number, slot: number, key: number, sizeBytes: number): void {
    const { perMessageUs, perVerifyUs } = this.#scenario.cpu;
    const peer = this.#links.ownerOf(slot);
    const busyUntilMs = this.#uplinkBusyUntilMs[peer] as number;
    this.#lastBeginsAtMs[peer] = Math.max(busyUntilMs, this.#wheel.nowMs);
    const arriveAtMs = this.#transmit(peer, slot, sizeBytes) + (perMessageUs + perVerifyUs) / 1000;
    this.#wheel.push(arriveAtMs, packed(kind, this.#links.back[slot] as number), peer, key);
  }

  /** Send anything else: it waits in the same queue, for the kernel knows no priorities. */
  sendControl(kind: number, slot: number, about: number, sizeBytes: number): void {
    const peer = this.#links.ownerOf(slot);
    const arriveAtMs =
      this.#transmit(peer, slot, sizeBytes) + this.#scenario.cpu.perMessageUs / 1000;
    this.controlWireBytes += this.#controlWire(1, sizeBytes);
    this.#wheel.push(arriveAtMs, packed(kind, this.#links.back[slot] as number), peer, about);
  }

  /** Messages that are no events of their own take their time on the uplink all the same. */
  occupy(peer: number, messages: number, sizeBytes: number): void {
    if (messages === 0) return;
    const wire = messages * wireBytes(sizeBytes);
    const fromMs = Math.max(this.#uplinkBusyUntilMs[peer] as number, this.#wheel.nowMs);
    this.#uplinkBusyUntilMs[peer] =
      fromMs + (wire * 8000) / (this.#peers.uplinkBps[peer] as number);
    this.#sent(peer, wire);
    this.controlWireBytes += this.#controlWire(messages, sizeBytes);
  }

  /** A block came to the receiver's line. @returns When it is through. */
  throughDownlinkMs(peer: number, sizeBytes: number): number {
    const wire = this.#wireBytes[sizeBytes] as number;
    const downMs = (wire * 8000) / (this.#peers.downlinkBps[peer] as number);
    const busyUntilMs = (this.#downlinkBusyUntilMs[peer] as number) + downMs;
    const throughAtMs = Math.max(this.#wheel.nowMs, busyUntilMs);
    this.#downlinkBusyUntilMs[peer] = throughAtMs;
    return throughAtMs;
  }

  isCut(a: number, b: number): boolean {
    return (a === 0 || b === 0) && this.#wheel.nowMs < this.seederCutUntilMs;
  }

  #transmit(peer: number, slot: number, sizeBytes: number): number {
    const wire = this.#wireBytes[sizeBytes] as number;
    const fromMs = Math.max(this.#uplinkBusyUntilMs[peer] as number, this.#wheel.nowMs);
    const leftAtMs = fromMs + (wire * 8000) / (this.#peers.uplinkBps[peer] as number);
    this.#uplinkBusyUntilMs[peer] = leftAtMs;
    this.#sent(peer, wire);
    const oneWayMs = this.#links.oneWayMs[slot] as number;
    return (
      leftAtMs + this.#jittered(oneWayMs) + this.#transportDelayMs(slot, sizeBytes, 2 * oneWayMs)
    );
  }

  /** Small messages as ../snapshot.ts counts them. */
  #controlWire(messages: number, sizeBytes: number): number {
    return messages * (sizeBytes + (this.#wireBytes[1] as number) - 1);
  }

  #sent(peer: number, wire: number): void {
    const { sentBytes } = this.#peers;
    sentBytes[peer] = (sentBytes[peer] as number) + wire;
  }

  /** What SCTP adds, as in ../network.ts; the end of a message is taken for the end of what waits. */
  #transportDelayMs(slot: number, sizeBytes: number, roundTripMs: number): number {
    const { windowBytes } = this.#links;
    const windowAtFirst = windowBytes[slot] as number;
    let delayMs = 0;
    for (let sent = windowAtFirst, window = sent; sent < sizeBytes; sent += window) {
      delayMs += roundTripMs;
      window *= 2;
    }
    const grown = Math.min(windowAtFirst + sizeBytes, LARGEST_WINDOW_BYTES);
    windowBytes[slot] = grown;
    const packets = Math.ceil(sizeBytes / PACKET_BYTES);
    if (this.#random() >= (this.#hitOdds[packets] as number)) return delayMs;
    windowBytes[slot] = Math.max(grown / 2, LEAST_WINDOW_BYTES);
    const isTail = this.#random() * packets < 3;
    const timeoutMs = Math.max(LEAST_TIMEOUT_MS, 1.5 * roundTripMs);
    delayMs += isTail ? timeoutMs : 1.1 * roundTripMs;
    if (this.#random() < this.#scenario.packetLoss) delayMs += timeoutMs;
    return delayMs;
  }

  #jittered(ms: number): number {
    return ms * (this.#jitter[(this.#random() * JITTER_FACTORS) | 0] as number);
  }
}
