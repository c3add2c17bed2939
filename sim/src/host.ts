import type { PeerId, PeerMessage } from "#protocol";
import type { PeerTraits } from "./population.ts";

/** Something due in virtual time. */
export type Due = { run(nowMs: number): void };

/** What a machine hears from the network. */
export type Inbox = {
  arrived(from: PeerId, message: PeerMessage, sizeBytes: number): void;
  congested(peer: PeerId): void;
  drained(peer: PeerId): void;
  linkClosed(peer: PeerId): void;
};

/** A machine on the network: its access line, and its ends of links. */
export class Host {
  readonly peer: PeerId;
  readonly traits: PeerTraits;
  readonly inbox: Inbox;
  readonly links = new Map<PeerId, Link>();
  /** Not `readonly`: scenarios slow uplinks down. */
  uplinkBps: number;
  uplinkBusyUntilMs = 0;
  downlinkBusyUntilMs = 0;
  isServing = false;
  /** The uplink is free again. Made once, by the network. */
  service: Due | undefined;
  /** Its packets go nowhere, and none reach it. */
  isCut = false;
  isGone = false;
  /** Waiting for the uplink, in the order they were handed over: the kernel knows no priorities. */
  readonly waiting: Letter[] = [];
  waitingBytes = 0;
  sentBytes = 0;

  constructor(peer: PeerId, traits: PeerTraits, inbox: Inbox) {
    this.peer = peer;
    this.traits = traits;
    this.inbox = inbox;
    this.uplinkBps = traits.uplinkBps;
  }
}

/** One direction of a data channel. */
export class Link {
  readonly from: Host;
  readonly to: Host;
  readonly oneWayMs: number;
  /** By TURN: the two cannot meet. */
  readonly isRelayed: boolean;
  /** SCTP's congestion window. */
  windowBytes: number;
  bufferedBytes = 0;
  isCongested = false;
  isOpen = true;

  constructor(
    from: Host,
    to: Host,
    { oneWayMs, isRelayed }: { oneWayMs: number; isRelayed: boolean },
    windowBytes: number,
  ) {
    this.windowBytes = windowBytes;
    this.from = from;
    this.to = to;
    this.oneWayMs = oneWayMs;
    this.isRelayed = isRelayed;
  }
}

/** Who takes letters from one place to the next. */
export type Carrier = {
  /** The last packet is at the other side's access line. */
  arrive(letter: Letter, nowMs: number): void;
  /** It is through the access line. */
  deliver(letter: Letter): void;
};

/** One message on its way. It is its own event: there are more of these than of anything else. */
export class Letter implements Due {
  readonly link: Link;
  readonly message: PeerMessage;
  readonly sizeBytes: number;
  readonly #carrier: Carrier;
  #isThere = false;

  constructor(carrier: Carrier, link: Link, message: PeerMessage, sizeBytes: number) {
    this.#carrier = carrier;
    this.link = link;
    this.message = message;
    this.sizeBytes = sizeBytes;
  }

  /** First its last packet comes to the downlink, then it has passed that, too. */
  run(nowMs: number): void {
    if (this.#isThere) return this.#carrier.deliver(this);
    this.#isThere = true;
    this.#carrier.arrive(this, nowMs);
  }
}
