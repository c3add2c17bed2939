import type { PeerId, Signal } from "#protocol";
import {
  LINK_LOW_WATER_BYTES,
  type Link,
  type LinkCloseReason,
  type LinkHandlers,
  type LinkRole,
} from "../link.ts";
import { LinkEvents } from "../link-events.ts";
import { RemoteSignals } from "../remote-signals.ts";
import type { MemoryNetwork } from "./memory-network.ts";

const SDP_PREFIX = "memory:";

type MemoryLinkEnds = { name: string; self: PeerId; peer: PeerId; role: LinkRole };

/** One end of a link in memory. Negotiates like WebRTC does: description, candidates, then open. */
export class MemoryLink implements Link {
  readonly self: PeerId;
  readonly peer: PeerId;
  /** Set by `MemoryNetwork.mute`: what this end sends is lost. */
  isMuted = false;
  readonly #network: MemoryNetwork;
  readonly #name: string;
  readonly #role: LinkRole;
  readonly #events: LinkEvents;
  readonly #remoteSignals: RemoteSignals;
  #otherName: string | undefined;
  #hasCandidate = false;
  #bufferedBytes = 0;
  /** When the last byte handed to `send` has left, in ms from now, for links with a rate. */
  #backlogMs = 0;

  constructor(network: MemoryNetwork, ends: MemoryLinkEnds, handlers: LinkHandlers) {
    this.#network = network;
    this.#name = ends.name;
    this.self = ends.self;
    this.peer = ends.peer;
    this.#role = ends.role;
    this.#remoteSignals = new RemoteSignals(ends.role);
    this.#events = new LinkEvents(handlers, (error) => {
      queueMicrotask(() => {
        throw error;
      });
    });
    if (ends.role === "dial") this.#describe("offer");
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  send(bytes: Uint8Array): void {
    if (!this.#events.isOpen) return;
    const sizeBytes = bytes.length;
    const copy = bytes.slice();
    this.#bufferedBytes += sizeBytes;
    this.#events.sent(this.#bufferedBytes);
    const sendingMs = (sizeBytes * 8000) / this.#network.rateBps;
    this.#backlogMs += sendingMs;
    this.#network.schedule(() => this.#leave(copy, sendingMs), this.#backlogMs);
  }

  signal(signal: Signal): void {
    if (!this.#events.isAlive) return;
    for (const next of this.#remoteSignals.accept(signal)) this.#apply(next);
  }

  close(): void {
    if (!this.#events.isAlive) return;
    this.#events.closeHere();
    this.#part();
  }

  #describe(type: "offer" | "answer"): void {
    const { schedule } = this.#network;
    schedule(() => {
      this.#events.signaled({ type, sdp: `${SDP_PREFIX}${this.#name}` });
      this.#events.signaled({ type: "candidate", candidate: this.#name, mid: "0" });
    }, 0);
  }

  #apply(signal: Signal): void {
    if (signal.type === "candidate") {
      this.#hasCandidate = true;
    } else {
      if (!signal.sdp.startsWith(SDP_PREFIX)) {
        this.#network.schedule(() => this.#fail("failed"), 0);
        return;
      }
      this.#otherName = signal.sdp.slice(SDP_PREFIX.length);
      if (this.#role === "answer") this.#describe("answer");
    }
    if (this.#otherName === undefined || !this.#hasCandidate) return;
    this.#network.schedule(() => this.#connect(), this.#network.latencyMs);
  }

  /** Whichever end is ready last opens both. */
  #connect(): void {
    const other = this.#other();
    if (other === undefined || !this.#network.isReachable(this.self, this.peer)) {
      this.#fail("ice-failed");
      return;
    }
    if (other.#otherName !== this.#name || !other.#hasCandidate) return;
    this.#events.opened();
    this.#network.schedule(() => other.#events.opened(), 0);
  }

  #leave(bytes: Uint8Array, sendingMs: number): void {
    this.#bufferedBytes -= bytes.length;
    this.#backlogMs -= sendingMs;
    const other = this.#other();
    if (!this.isMuted && other !== undefined) {
      this.#network.schedule(() => other.#events.received(bytes), this.#network.latencyMs);
    }
    if (this.#bufferedBytes <= LINK_LOW_WATER_BYTES) this.#events.drained();
  }

  #fail(reason: LinkCloseReason): void {
    if (this.#events.closed(reason)) this.#part();
  }

  #part(): void {
    const other = this.#other();
    this.#network.forget(this.#name);
    if (other === undefined || this.isMuted) return;
    this.#network.schedule(() => other.#fail("closed-there"), this.#network.latencyMs);
  }

  #other(): MemoryLink | undefined {
    return this.#otherName === undefined ? undefined : this.#network.find(this.#otherName);
  }
}
