import nodeDataChannel, {
  type DataChannel,
  type PeerConnection,
  type RtcConfig,
} from "node-datachannel";
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

/**
 * How long an open connection outlives `close`, in ms. Closing the channel is acknowledged and sent
 * again when lost; closing the connection is one packet, and measured on a busy machine Chromium
 * missed it once in fifty times and kept the link. Whoever hears of it ends the wait.
 */
const LINGER_MS = 500;

type NodeLinkConfig = {
  name: string;
  config: RtcConfig;
  role: LinkRole;
  handlers: LinkHandlers;
  onError: (error: unknown) => void;
  /** Called once; the native connection is closed. */
  onGone: () => void;
};

/**
 * One node-datachannel connection. A throw in one of its callbacks ends the whole process, so each
 * of them is wrapped; and a call on something closed throws, so each call is guarded.
 */
export class NodeLink implements Link {
  readonly #events: LinkEvents;
  readonly #remoteSignals: RemoteSignals;
  readonly #onError: (error: unknown) => void;
  readonly #onGone: () => void;
  #connection: PeerConnection | undefined;
  #channel: DataChannel | undefined;
  #isReleased = false;
  /** Undefined when they need not wait. */
  #heldCandidates: Signal[] | undefined;

  constructor({ name, config, role, handlers, onError, onGone }: NodeLinkConfig) {
    this.#heldCandidates = role === "dial" ? [] : undefined;
    this.#remoteSignals = new RemoteSignals(role);
    this.#onError = onError;
    this.#onGone = onGone;
    this.#events = new LinkEvents(handlers, (error) => {
      onError(error);
      this.#fail("failed");
    });
    try {
      this.#connection = new nodeDataChannel.PeerConnection(name, config);
      this.#listen(this.#connection);
      // Creating the channel starts the negotiation.
      if (role === "dial")
        this.#use(this.#connection.createDataChannel("mesh", { unordered: true }));
    } catch (error) {
      // For one, no more file descriptors. Later, because nobody holds this link yet.
      queueMicrotask(() => this.#guard(() => this.#fail("failed", error)));
    }
  }

  get bufferedBytes(): number {
    return this.#channel?.bufferedAmount() ?? 0;
  }

  send(bytes: Uint8Array): void {
    if (!this.#events.isOpen || this.#channel === undefined) return;
    try {
      this.#channel.sendMessageBinary(bytes);
      this.#events.sent(this.#channel.bufferedAmount());
    } catch {
      // Closed underneath us a moment ago; the library's close callback is on its way.
    }
  }

  signal(signal: Signal): void {
    if (!this.#events.isAlive) return;
    try {
      for (const next of this.#remoteSignals.accept(signal)) this.#apply(next);
    } catch {
      // Not SDP: what a stranger sends is no reason to throw.
      queueMicrotask(() => this.#guard(() => this.#fail("failed")));
    }
  }

  close(): void {
    if (!this.#events.isAlive) return;
    const wasOpen = this.#events.isOpen;
    this.#events.closeHere();
    this.#part(wasOpen);
  }

  /**
   * A dialer's candidates wait for the answer. libdatachannel gives an answer to ICE before it notes
   * the certificate's fingerprint in it; if ICE is through by then, because the other side has begun,
   * DTLS refuses a genuine certificate. Measured on a busy machine: one dial in twenty.
   */
  #signalCandidate(candidate: Signal): void {
    if (this.#heldCandidates === undefined) this.#events.signaled(candidate);
    else this.#heldCandidates.push(candidate);
  }

  #apply(signal: Signal): void {
    if (signal.type !== "candidate") {
      this.#connection?.setRemoteDescription(signal.sdp, signal.type);
      const held = this.#heldCandidates ?? [];
      this.#heldCandidates = undefined;
      // Later: nothing is called from inside `signal`.
      queueMicrotask(() => {
        for (const candidate of held) this.#events.signaled(candidate);
      });
      return;
    }
    try {
      this.#connection?.addRemoteCandidate(signal.candidate, signal.mid);
    } catch {
      // Not a candidate, or of a kind this library does not know; the others may do.
    }
  }

  #listen(connection: PeerConnection): void {
    connection.onLocalDescription((sdp, type) =>
      this.#guard(() => {
        if (type === "offer" || type === "answer") this.#events.signaled({ type, sdp });
      }),
    );
    connection.onLocalCandidate((candidate, mid) =>
      this.#guard(() =>
        // Browsers want the attribute's value (RFC 8839, section 5.1), without `a=`.
        this.#signalCandidate({
          type: "candidate",
          candidate: candidate.replace(/^a=/, ""),
          mid,
        }),
      ),
    );
    connection.onStateChange((state) => this.#guard(() => this.#stateChanged(state)));
    connection.onDataChannel((channel) =>
      this.#guard(() => {
        // One channel a link: further ones are a stranger's idea and are not listened to.
        if (this.#channel === undefined && this.#events.isAlive) this.#use(channel);
        else channel.close();
      }),
    );
  }

  #stateChanged(state: string): void {
    if (state !== "failed" && state !== "closed") return;
    // The end of a wait after our own close.
    if (!this.#events.isAlive) this.#release();
    else if (state === "closed") this.#fail(this.#events.isOpen ? "closed-there" : "failed");
    // DTLS fails too, after ICE has found a way.
    else this.#fail(this.#connection?.iceState() === "failed" ? "ice-failed" : "failed");
  }

  #use(channel: DataChannel): void {
    this.#channel = channel;
    channel.setBufferedAmountLowThreshold(LINK_LOW_WATER_BYTES);
    channel.onOpen(() => this.#guard(() => this.#events.opened()));
    channel.onMessage((message) => this.#guard(() => this.#received(message)));
    channel.onBufferedAmountLow(() =>
      this.#guard(() => {
        // A crossing from before the buffer filled up again; the next one is reported too.
        if (this.bufferedBytes <= LINK_LOW_WATER_BYTES) this.#events.drained();
      }),
    );
    channel.onClosed(() => this.#guard(() => this.#fail("closed-there")));
    channel.onError(() => this.#guard(() => this.#fail("failed")));
    // A channel from the other side was open before we could listen.
    if (channel.isOpen()) queueMicrotask(() => this.#guard(() => this.#events.opened()));
  }

  #received(message: string | Buffer | ArrayBuffer): void {
    // No version of the protocol speaks text.
    if (typeof message === "string") {
      this.#fail("failed");
      return;
    }
    this.#events.received(
      message instanceof ArrayBuffer
        ? new Uint8Array(message)
        : new Uint8Array(message.buffer, message.byteOffset, message.byteLength),
    );
  }

  #fail(reason: LinkCloseReason, cause?: unknown): void {
    if (cause !== undefined) this.#onError(cause);
    if (!this.#events.isAlive) return;
    // What the other side closed, or ICE gave up, nobody has to be told of.
    this.#part(reason === "failed" && this.#events.isOpen);
    this.#events.closed(reason);
  }

  /** Close the channel, then the connection; at once if there is nobody to tell. */
  #part(isOpen: boolean): void {
    if (!isOpen || this.#isReleased) {
      this.#release();
      return;
    }
    const channel = this.#channel;
    this.#channel = undefined;
    this.#guard(() => channel?.close());
    setTimeout(() => this.#release(), LINGER_MS);
  }

  /** Give the native connection back; without it the process would not end. */
  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    const connection = this.#connection;
    this.#connection = undefined;
    this.#channel = undefined;
    this.#guard(() => connection?.close());
    this.#onGone();
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#onError(error);
    }
  }
}
