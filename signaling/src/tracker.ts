import type { FastifyInstance } from "fastify";
import type { Registry as MetricsRegistry } from "prom-client";
import { Server } from "socket.io";
import { type ClientToTracker, type PeerId, TRACKER_LIMITS, type TrackerToClient } from "#protocol";
import { type Access, OPEN_ACCESS } from "./access/access.ts";
import { type AllowedOrigins, limitOrigins } from "./access/allowed-origins.ts";
import { AddressLimit, addressOf } from "./address-limit.ts";
import { admission } from "./admission.ts";
import { httpApi } from "./http-api.ts";
import { type IceOptions, iceServersFor } from "./ice-servers.ts";
import {
  DEFAULT_REGISTRY_LIMITS,
  DEFAULT_SOCKET_LIMITS,
  type RegistryLimits,
  type SocketLimits,
} from "./limits.ts";
import { type Log, SILENT_LOG } from "./log.ts";
import { type MembershipOptions, MembershipSigner } from "./membership-signer.ts";
import { pages } from "./pages.ts";
import { PeerSocket } from "./peer-socket.ts";
import { type Delivery, Registry } from "./registry.ts";
import { TrackerCounters } from "./tracker-counters.ts";
import { createMetrics, registerTrackerMetrics } from "./tracker-metrics.ts";

export type TrackerOptions = {
  log?: Log;
  /** Named to every peer, for finding paths through NATs. Default: none. */
  ice?: IceOptions;
  /** Who may do what. Default: everybody everything. */
  access?: Access;
  /** Whose pages may talk to this tracker, besides its own. Default: anybody's. */
  allowedOrigins?: AllowedOrigins;
  /** How long a stream whose publisher vanished stays listed, in ms. Default 60,000: a guess at
   * how long an operator needs to restart a machine's ingest. */
  graceMs?: number;
  /** Where the built pages are. Default: no pages. */
  pagesDirectory?: string;
  /** Count sockets by the address our reverse proxy reports. Default false. */
  isBehindProxy?: boolean;
  limits?: Partial<RegistryLimits>;
  socketLimits?: Partial<SocketLimits>;
  /** How peers are told of each other in a form they can pass on. */
  membership?: MembershipOptions;
  /** Where metrics are kept, to share one `/metrics` with others. Default: an own one. */
  metrics?: MetricsRegistry;
  /** Uniform in [0, 1). Default `Math.random`. */
  random?: () => number;
  /** Monotonic, in ms. Default `performance.now`. */
  nowMs?: () => number;
};

export type Tracker = {
  readonly registry: Registry;
  readonly metrics: MetricsRegistry;
  /** Open now. */
  readonly socketCount: number;
  /** Closes all sockets. The HTTP server stays its owner's; closing that closes the tracker too. */
  close(): Promise<void>;
};

const SWEEP_MS = 1000;

/**
 * Add a tracker to an HTTP server that does not listen yet: socket.io on `/socket.io/`, the JSON
 * API, `/healthz`, `/metrics`, and the pages if there are any.
 */
export function createTracker(app: FastifyInstance, options: TrackerOptions = {}): Tracker {
  const limits = { ...DEFAULT_REGISTRY_LIMITS, ...options.limits };
  const nowMs = options.nowMs ?? (() => performance.now());
  const registry = new Registry({
    limits,
    graceMs: options.graceMs ?? 60_000,
    random: options.random ?? Math.random,
  });
  const counters = new TrackerCounters();
  const metrics = options.metrics ?? createMetrics();
  registerTrackerMetrics(metrics, registry, counters);
  const io = openSockets(app, options, registry, counters, nowMs);
  const sweep = setInterval(() => registry.sweep(nowMs()), SWEEP_MS);
  sweep.unref();

  limitOrigins(app, options.allowedOrigins);
  const http = {
    registry,
    access: options.access ?? OPEN_ACCESS,
    isBehindProxy: options.isBehindProxy ?? false,
  };
  app.register(httpApi, { ...http, metrics, listedPeers: limits.listedPeers });
  if (options.pagesDirectory !== undefined) {
    app.register(pages, { ...http, directory: options.pagesDirectory });
  }

  const close = async () => {
    clearInterval(sweep);
    io.disconnectSockets(true);
    io.engine.close();
  };
  app.addHook("preClose", close);
  return {
    registry,
    metrics,
    get socketCount() {
      return counters.sockets;
    },
    close,
  };
}

function openSockets(
  app: FastifyInstance,
  options: TrackerOptions,
  registry: Registry,
  counters: TrackerCounters,
  nowMs: () => number,
): Server<ClientToTracker, TrackerToClient> {
  const limits = { ...DEFAULT_SOCKET_LIMITS, ...options.socketLimits };
  const addresses = new AddressLimit(limits);
  const isBehindProxy = options.isBehindProxy ?? false;
  const io = new Server<ClientToTracker, TrackerToClient>(app.server, {
    serveClient: false,
    cors: { origin: options.allowedOrigins === undefined ? "*" : [...options.allowedOrigins] },
    maxHttpBufferSize: TRACKER_LIMITS.messageBytes,
    connectTimeout: limits.handshakeMs,
    pingInterval: limits.pingIntervalMs,
    pingTimeout: limits.pingTimeoutMs,
    allowRequest: (request, answer) => {
      const isAdmitted = addresses.admits(addressOf(request, isBehindProxy));
      if (!isAdmitted) counters.droppedSockets++;
      answer(isAdmitted ? null : "too many sockets of one address", isAdmitted);
    },
  });
  io.use(admission({ addresses, isBehindProxy, allowedOrigins: options.allowedOrigins, counters }));
  io.engine.on("connection", (raw: { request: Parameters<typeof addressOf>[0] } & Emitter) => {
    const address = addressOf(raw.request, isBehindProxy);
    addresses.opened(address);
    counters.sockets++;
    raw.once("close", () => {
      addresses.closed(address);
      counters.sockets--;
    });
  });
  const context = {
    registry,
    counters,
    log: options.log ?? SILENT_LOG,
    limits,
    access: options.access ?? OPEN_ACCESS,
    isBehindProxy,
    iceServers: (peerId: PeerId) => iceServersFor(options.ice ?? {}, peerId, Date.now()),
    memberships: new MembershipSigner(options.membership),
    nowMs,
    wallClockMs: Date.now,
    deliver: (deliveries: readonly Delivery[]) => deliver(io, deliveries, limits, counters),
  };
  io.on("connection", (socket) => {
    new PeerSocket(socket, context);
  });
  return io;
}

type Emitter = { once(event: "close", listener: () => void): unknown };

function deliver(
  io: Server<ClientToTracker, TrackerToClient>,
  deliveries: readonly Delivery[],
  limits: SocketLimits,
  counters: TrackerCounters,
): void {
  for (const delivery of deliveries) {
    const to = delivery.to.filter((id) => {
      const socket = io.sockets.sockets.get(id);
      if (socket === undefined) return false;
      if (waitingMessages(socket.conn) < limits.waitingMessages) return true;
      counters.droppedSockets++;
      socket.disconnect(true);
      return false;
    });
    // Several receivers share one encoding; each socket is a room of its own.
    if (to.length === 0) continue;
    switch (delivery.event) {
      case "introduce":
        io.to(to).emit("introduce", delivery.message);
        break;
      case "relay":
        io.to(to).emit("relay", delivery.message);
        break;
      case "descriptor":
        io.to(to).emit("descriptor", delivery.message);
        break;
    }
  }
}

/** Messages engine.io holds because the connection does not take them. */
function waitingMessages(connection: object): number {
  const waiting: unknown = Reflect.get(connection, "writeBuffer");
  return Array.isArray(waiting) ? waiting.length : 0;
}
