import SimplePeer, { type SimplePeerSignal } from "simple-peer/index.js";
import type { Signal } from "#protocol";
import {
  LINK_LOW_WATER_BYTES,
  type Link,
  type LinkCloseReason,
  type LinkHandlers,
  type LinkRole,
} from "../link.ts";
import { LinkEvents } from "../link-events.ts";
import { RemoteSignals } from "../remote-signals.ts";
import { type IceAttempt, IceAttemptWatch } from "./ice-attempt.ts";
import { withoutAddresses } from "./relay-only.ts";

type BrowserLinkConfig = {
  config: RTCConfiguration;
  role: LinkRole;
  handlers: LinkHandlers;
  /** Called once: when the channel opens, or when it is clear that it will not. */
  onAttempt: (attempt: IceAttempt) => void;
  /** Called once; the browser's connection is closed. */
  onGone: () => void;
};

/** One simple-peer connection, used for its negotiation and life cycle; not as a stream. */
export class BrowserLink implements Link {
  readonly #events: LinkEvents;
  readonly #remoteSignals: RemoteSignals;
  readonly #onGone: () => void;
  readonly #onAttempt: (attempt: IceAttempt) => void;
  readonly #ice = new IceAttemptWatch();
  readonly #isRelayOnly: boolean;
  #isReported = false;
  #peer: SimplePeer | undefined;
  #hasWaterMark = false;
  #isReleased = false;

  constructor({ config, role, handlers, onAttempt, onGone }: BrowserLinkConfig) {
    this.#remoteSignals = new RemoteSignals(role);
    this.#isRelayOnly = config.iceTransportPolicy === "relay";
    this.#onAttempt = onAttempt;
    this.#onGone = onGone;
    this.#events = new LinkEvents(handlers, (error) => {
      globalThis.reportError(error);
      this.#fail("failed");
    });
    try {
      this.#peer = new SimplePeer({
        initiator: role === "dial",
        objectMode: true,
        trickle: true,
        channelName: "mesh",
        channelConfig: { ordered: false },
        config,
      });
      if (this.#peer._pc) this.#ice.watch(this.#peer._pc);
      this.#listen(this.#peer);
    } catch {
      // No WebRTC here, or an ICE server the browser refuses. Later: nobody holds this link yet.
      queueMicrotask(() => this.#fail("failed"));
    }
  }

  get bufferedBytes(): number {
    return this.#peer?._channel?.bufferedAmount ?? 0;
  }

  send(bytes: Uint8Array): void {
    if (!this.#events.isOpen || this.#peer === undefined) return;
    try {
      this.#peer.send(bytes);
      this.#events.sent(this.bufferedBytes);
    } catch {
      // The channel began to close a moment ago; simple-peer's close event is on its way.
    }
  }

  signal(signal: Signal): void {
    if (!this.#events.isAlive) return;
    this.#ice.heard(signal);
    for (const next of this.#remoteSignals.accept(signal)) this.#apply(next);
  }

  close(): void {
    if (!this.#events.isAlive) return;
    this.#events.closeHere();
    this.#release();
  }

  #apply(signal: Signal): void {
    try {
      this.#peer?.signal(toSimplePeer(signal));
    } catch {
      // Not a candidate, or of a kind this browser does not know; the others may do.
    }
  }

  #listen(peer: SimplePeer): void {
    peer.on("signal", (signal) => {
      const found = fromSimplePeer(signal);
      const own = this.#isRelayOnly && found !== undefined ? withoutAddresses(found) : found;
      if (own !== undefined) this.#events.signaled(own);
    });
    peer.on("connect", () => this.#opened());
    peer.on("data", (message) => this.#received(message));
    peer.on("error", (error) => this.#fail(closeReason(error.code, this.#events.isOpen)));
    peer.on("close", () => this.#fail("closed-there"));
  }

  #opened(): void {
    const channel = this.#peer?._channel;
    if (channel && !this.#hasWaterMark) {
      this.#hasWaterMark = true;
      // simple-peer's own mark is for its stream interface, which is not used here.
      channel.bufferedAmountLowThreshold = LINK_LOW_WATER_BYTES;
      channel.addEventListener("bufferedamountlow", () => {
        if (this.bufferedBytes <= LINK_LOW_WATER_BYTES) this.#events.drained();
      });
    }
    this.#events.opened();
    this.#report(true);
  }

  #report(isOpen: boolean): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.#onAttempt(this.#ice.report(isOpen));
  }

  #received(message: Uint8Array | string): void {
    // No version of the protocol speaks text.
    if (typeof message === "string") {
      this.#fail("failed");
      return;
    }
    // simple-peer asks for statistics before it says "connect"; the first message may be quicker.
    this.#opened();
    this.#events.received(message);
  }

  #fail(reason: LinkCloseReason): void {
    if (!this.#events.isAlive) return;
    this.#release();
    this.#events.closed(reason);
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#report(false);
    this.#peer?.destroy();
    this.#peer = undefined;
    this.#onGone();
  }
}

function toSimplePeer(signal: Signal): SimplePeerSignal {
  if (signal.type !== "candidate") return signal;
  const { candidate, mid, lineIndex = null } = signal;
  return { type: "candidate", candidate: { candidate, sdpMid: mid, sdpMLineIndex: lineIndex } };
}

/** Undefined for what is not part of our negotiation: media requests, and the end of candidates. */
function fromSimplePeer(signal: SimplePeerSignal): Signal | undefined {
  if (signal.type === "offer" || signal.type === "answer") {
    return { type: signal.type, sdp: signal.sdp };
  }
  if (signal.type !== "candidate" || signal.candidate.candidate === "") return undefined;
  const { candidate, sdpMid, sdpMLineIndex } = signal.candidate;
  return {
    type: "candidate",
    candidate,
    mid: sdpMid ?? "0",
    ...(sdpMLineIndex === null ? {} : { lineIndex: sdpMLineIndex }),
  };
}

function closeReason(code: string | undefined, wasOpen: boolean): LinkCloseReason {
  switch (code) {
    case "ERR_ICE_CONNECTION_FAILURE":
    case "ERR_CONNECTION_FAILURE":
    case "ERR_ICE_CONNECTION_CLOSED":
      return "ice-failed";
    case "ERR_DATA_CHANNEL":
      // How Chromium reports that the other side aborted the association (RFC 4960, 3.3.10.12).
      return wasOpen ? "closed-there" : "failed";
    default:
      return "failed";
  }
}
