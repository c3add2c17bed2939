import type { Server as HttpServer, IncomingMessage } from "node:http";
import { Server } from "socket.io";
import { type ClientToTracker, TRACKER_LIMITS, type TrackerToClient } from "#protocol";
import type { AllowedOrigins } from "./access/allowed-origins.ts";
import { AddressLimit, addressOf } from "./address-limit.ts";
import { admission } from "./admission.ts";
import { type Cluster, SESSION_MS } from "./cluster/index.ts";
import type { SocketLimits } from "./limits.ts";
import type { TrackerSocket } from "./peer-socket.ts";
import type { TrackerCounters } from "./tracker-counters.ts";

export type TrackerServer = Server<ClientToTracker, TrackerToClient>;

export type SocketsOptions = {
  limits: SocketLimits;
  allowedOrigins: AllowedOrigins;
  isBehindProxy: boolean;
  isDraining: () => boolean;
  cluster: Cluster | undefined;
  counters: TrackerCounters;
  /** Monotonic. */
  nowMs: () => number;
};

/** socket.io on `/socket.io/`, with what bounds its sockets before they have said anything. */
export function openSockets(server: HttpServer, options: SocketsOptions): TrackerServer {
  const { limits, allowedOrigins, isBehindProxy, cluster, counters, nowMs } = options;
  const addresses = new AddressLimit(limits);
  const io: TrackerServer = new Server(server, {
    serveClient: false,
    cors: { origin: allowedOrigins === undefined ? "*" : [...allowedOrigins] },
    maxHttpBufferSize: TRACKER_LIMITS.messageBytes,
    connectTimeout: limits.handshakeMs,
    pingInterval: limits.pingIntervalMs,
    pingTimeout: limits.pingTimeoutMs,
    ...(cluster && {
      adapter: cluster.adapter(),
      connectionStateRecovery: { maxDisconnectionDuration: SESSION_MS, skipMiddlewares: false },
    }),
    allowRequest: (request, answer) => {
      const isAdmitted = addresses.admits(addressOf(request, isBehindProxy), nowMs());
      if (!isAdmitted) counters.droppedSockets++;
      answer(isAdmitted ? null : "too many sockets of one address", isAdmitted);
    },
  });
  io.use(admission({ ...options, addresses }));
  io.engine.on("connection", (raw: { request: IncomingMessage } & Emitter) => {
    const address = addressOf(raw.request, isBehindProxy);
    addresses.opened(address);
    counters.sockets++;
    raw.once("close", () => {
      addresses.closed(address);
      counters.sockets--;
    });
  });
  return io;
}

/** Each socket would hold on to its first HTTP request, headers and all: a quarter of its memory. */
export function forgetRequest(socket: TrackerSocket): void {
  socket.handshake.headers = {};
  Reflect.set(socket.conn, "request", undefined);
}

type Emitter = { once(event: "close", listener: () => void): unknown };
