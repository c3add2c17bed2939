import { io, type Socket } from "socket.io-client";
import {
  type ClientMessageName,
  type ClientToTracker,
  type Goodbye,
  type PeerRecord,
  type PeerReport,
  type PublisherStats,
  type Signal,
  type SignedDescriptor,
  type TrackerToClient,
  trackerMessageSchemas,
  type ViewerStats,
} from "#protocol";
import type { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";

export type TrackerConnectionConfig = {
  url: string;
  replyTimeoutMs: number;
  retryMs: { min: number; max: number };
  trustsAnyCertificate: boolean;
  clock: Clock;
  /** For the reconnects that socket.io does not do. */
  backoff: Backoff;
  /** Uniform in [0, 1). */
  random: () => number;
};

/** What comes from below: the connection's ups and downs, and the tracker's messages, checked. */
export type TrackerConnectionHandlers = {
  onUp(): void;
  onDown(): void;
  /** A try to connect came to nothing; there will be more. */
  onUnreachable(): void;
  onIntroduced(peers: PeerRecord[]): void;
  onRelay(from: PeerRecord, signal: Signal): void;
  onDescriptor(signed: SignedDescriptor): void;
  /** Not checked. */
  onSteer(steer: unknown): void;
  /** The tracker says why it ends the connection, or does not open it. */
  onGoodbye(goodbye: Goodbye): void;
};

/** The socket: reconnects for ever, and never lets a malformed message from the tracker through. */
export class TrackerConnection {
  readonly #config: TrackerConnectionConfig;
  readonly #handlers: TrackerConnectionHandlers;
  readonly #socket: Socket<TrackerToClient, ClientToTracker>;
  #cancelReconnect: () => void = () => {};
  /** Of the connection that is about to end. */
  #goodbye: Goodbye | undefined;

  constructor(config: TrackerConnectionConfig, handlers: TrackerConnectionHandlers) {
    this.#config = config;
    this.#handlers = handlers;
    this.#socket = io(config.url, {
      autoConnect: false,
      forceNew: true,
      // Long polling is for the proxies that break WebSocket.
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: config.retryMs.min,
      reconnectionDelayMax: config.retryMs.max,
      randomizationFactor: 0.5,
      timeout: config.replyTimeoutMs,
      rejectUnauthorized: !config.trustsAnyCertificate,
    });
    this.#listen();
  }

  get isUp(): boolean {
    return this.#socket.connected;
  }

  /** Chosen by the tracker anew for each connection; what a publisher's proof is made over. */
  get challenge(): string {
    return this.#socket.id ?? "";
  }

  open(): void {
    this.#socket.connect();
  }

  /** What was sent before still leaves. Nothing is called afterwards. */
  close(): void {
    this.#cancelReconnect();
    this.#socket.removeAllListeners();
    this.#socket.disconnect();
  }

  /** Resolves to whatever the tracker answered, unchecked, or to a `no-answer` refusal. */
  request<N extends Exclude<ClientMessageName, "publisher-stats" | "viewer-stats" | "peer-report">>(
    name: N,
    message: Parameters<ClientToTracker[N]>[0],
  ): Promise<unknown> {
    const noAnswer = { ok: false, code: "no-answer", message: `no answer to ${name}` };
    if (!this.isUp) return Promise.resolve(noAnswer);
    // The event map's types do not follow a generic event name.
    const socket = this.#socket as unknown as Socket;
    return new Promise((resolve) => {
      socket
        .timeout(this.#config.replyTimeoutMs)
        .emit(name, message, (error: Error | null, reply: unknown) => {
          resolve(error ? noAnswer : reply);
        });
    });
  }

  sendStats(stats: PublisherStats): void {
    if (this.isUp) this.#socket.emit("publisher-stats", stats);
  }

  sendViewerStats(stats: ViewerStats): void {
    if (this.isUp) this.#socket.emit("viewer-stats", stats);
  }

  sendPeerReport(report: PeerReport): void {
    if (this.isUp) this.#socket.emit("peer-report", report);
  }

  #listen(): void {
    const socket = this.#socket;
    const { onUp, onDown, onUnreachable, onIntroduced, onRelay, onDescriptor } = this.#handlers;
    socket.on("connect", () => {
      this.#goodbye = undefined;
      onUp();
    });
    socket.on("connect_error", (error) => {
      onUnreachable();
      // A tracker that answered, but with no: socket.io leaves the next try to us.
      if (socket.active) return;
      this.#noteGoodbye("data" in error ? error.data : undefined);
      this.#reconnectLater();
    });
    socket.on("steer", (message) => this.#handlers.onSteer(message));
    socket.on("goodbye", (message) => this.#noteGoodbye(message));
    socket.on("disconnect", (reason) => {
      onDown();
      // The one case socket.io does not come back from by itself.
      if (reason === "io server disconnect") this.#reconnectLater();
    });
    socket.on("introduce", (message) => {
      const result = trackerMessageSchemas.introduce.safeParse(message);
      if (result.success) onIntroduced(result.data.peers as PeerRecord[]);
    });
    socket.on("relay", (message) => {
      const result = trackerMessageSchemas.relay.safeParse(message);
      if (result.success) onRelay(result.data.from as PeerRecord, result.data.signal);
    });
    socket.on("descriptor", (message) => {
      const result = trackerMessageSchemas.descriptor.safeParse(message);
      if (result.success) onDescriptor(result.data.descriptor);
    });
  }

  #noteGoodbye(message: unknown): void {
    const result = trackerMessageSchemas.goodbye.safeParse(message);
    if (!result.success) return;
    this.#goodbye = result.data;
    this.#handlers.onGoodbye(result.data);
  }

  /** A whole swarm may have been told the same: everybody comes at a moment of their own. */
  #reconnectLater(): void {
    const { clock, backoff, random } = this.#config;
    const { code, retryMs } = this.#goodbye ?? {};
    this.#goodbye = undefined;
    const pauseMs =
      code === undefined || retryMs === undefined
        ? backoff.nextMs()
        : code === "moving"
          ? random() * retryMs
          : Math.max(backoff.nextMs(), (0.5 + random()) * retryMs);
    this.#cancelReconnect();
    this.#cancelReconnect = clock.after(pauseMs, () => this.#socket.connect());
  }
}
