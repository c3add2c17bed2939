import type { FastifyInstance } from "fastify";
import type { Registry as MetricsRegistry } from "prom-client";
import { type Access, OPEN_ACCESS } from "./access/access.ts";
import { type AllowedOrigins, limitOrigins } from "./access/allowed-origins.ts";
import type { Cluster } from "./cluster/index.ts";
import { deliverer } from "./deliver.ts";
import { drainSockets } from "./drain.ts";
import { httpApi } from "./http-api.ts";
import { type IceOptions, iceServersFor } from "./ice-servers.ts";
import { IntroductionBudget } from "./introduction-budget.ts";
import {
  DEFAULT_REGISTRY_LIMITS,
  DEFAULT_SOCKET_LIMITS,
  type RegistryLimits,
  type SocketLimits,
} from "./limits.ts";
import { type Log, SILENT_LOG } from "./log.ts";
import { type MembershipOptions, MembershipSigner } from "./membership-signer.ts";
import { forgetRequest, openSockets } from "./open-sockets.ts";
import { pages } from "./pages.ts";
import { PeerSecrets } from "./peer-secrets.ts";
import { PeerSocket } from "./peer-socket.ts";
import { Registry } from "./registry.ts";
import type { StreamFile } from "./stream-file.ts";
import { TrackerCounters } from "./tracker-counters.ts";
import { createMetrics, registerTrackerMetrics } from "./tracker-metrics.ts";
import { ViewerFigures } from "./viewer-figures.ts";
import { registerAlertMetric } from "./watching/alert-metric.ts";
import { controlApi } from "./watching/control-api.ts";
import { Watch } from "./watching/watch.ts";

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
  /** Other trackers of the same swarms; closed with this one. Default: none. */
  cluster?: Cluster | undefined;
  /** Where streams are kept over a restart; closed with the tracker. A cluster needs none. */
  streamFile?: StreamFile | undefined;
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
  /** Whether newcomers are taken: not while it drains. */
  readonly isReady: boolean;
  /**
   * Take nobody any more, say so at `/readyz`, and send everybody to other trackers, spread over this
   * time. Resolves when they are gone.
   */
  drain(withinMs: number): Promise<void>;
  /** Closes all sockets. The HTTP server stays its owner's; closing that closes the tracker too. */
  close(): Promise<void>;
};

const SWEEP_MS = 1000;

/**
 * Add a tracker to an HTTP server that does not listen yet: socket.io on `/socket.io/`, the JSON
 * API, `/healthz`, `/readyz`, `/metrics`, and the pages if there are any.
 */
export function createTracker(app: FastifyInstance, options: TrackerOptions = {}): Tracker {
  const { cluster, streamFile, log = SILENT_LOG, access = OPEN_ACCESS } = options;
  const limits = { ...DEFAULT_REGISTRY_LIMITS, ...options.limits };
  const socketLimits = { ...DEFAULT_SOCKET_LIMITS, ...options.socketLimits };
  const nowMs = options.nowMs ?? (() => performance.now());
  const isBehindProxy = options.isBehindProxy ?? false;
  const state = { isDraining: false };
  const metrics = options.metrics ?? createMetrics();
  const figures = new ViewerFigures(metrics);
  const registry = new Registry({
    limits,
    graceMs: options.graceMs ?? 60_000,
    random: options.random ?? Math.random,
    onChange: (change) => {
      cluster?.note(change);
      streamFile?.note(change, registry);
      if (change.type === "forgotten") figures.forget(change.streamId);
    },
  });
  streamFile?.restore(registry, nowMs());
  const counters = new TrackerCounters();
  registerTrackerMetrics(metrics, { registry, counters, cluster });
  const io = openSockets(app.server, {
    limits: socketLimits,
    allowedOrigins: options.allowedOrigins,
    isBehindProxy,
    isDraining: () => state.isDraining,
    cluster,
    counters,
    nowMs,
  });
  const deliver = deliverer(io, { limits: socketLimits, counters, isClustered: !!cluster });
  const watch = new Watch({ registry, deliver, log, nowMs, wallClockMs: Date.now });
  registerAlertMetric(metrics, watch);
  const context = {
    registry,
    counters,
    figures,
    watch,
    log,
    limits: socketLimits,
    access,
    isBehindProxy,
    isClustered: cluster !== undefined,
    iceServers: (peerId: Parameters<typeof iceServersFor>[1]) =>
      iceServersFor(options.ice ?? {}, peerId, Date.now()),
    memberships: new MembershipSigner({
      ...(cluster && { privateKey: cluster.membershipKey }),
      ...options.membership,
    }),
    secrets: new PeerSecrets(cluster?.secret),
    budget: new IntroductionBudget(),
    nowMs,
    wallClockMs: Date.now,
    deliver,
  };
  io.on("connection", (socket) => {
    new PeerSocket(socket, context);
    forgetRequest(socket);
  });
  const sweep = setInterval(() => {
    registry.sweep(nowMs());
    watch.tick();
  }, SWEEP_MS);
  sweep.unref();
  if (cluster !== undefined) {
    app.addHook("onReady", () => cluster.start({ registry, nowMs, deliver }));
  }

  limitOrigins(app, options.allowedOrigins);
  const http = {
    registry,
    access,
    isBehindProxy,
  };
  app.register(httpApi, {
    ...http,
    metrics,
    listedPeers: limits.listedPeers,
    isReady: () => !state.isDraining,
  });
  app.register(controlApi, { ...http, watch });
  if (options.pagesDirectory !== undefined) {
    app.register(pages, { ...http, directory: options.pagesDirectory });
  }

  const close = async () => {
    clearInterval(sweep);
    io.disconnectSockets(true);
    await cluster?.close();
    streamFile?.close(registry);
    io.engine.close();
  };
  app.addHook("preClose", close);
  return {
    registry,
    metrics,
    get socketCount() {
      return counters.sockets;
    },
    get isReady() {
      return !state.isDraining;
    },
    async drain(withinMs) {
      state.isDraining = true;
      log.info({ sockets: counters.sockets, withinMs }, "sending peers to other trackers");
      await drainSockets(io, withinMs);
    },
    close,
  };
}
