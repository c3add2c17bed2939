import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import {
  type Cluster,
  createTracker,
  StreamFile,
  type Tracker,
  type TrackerOptions,
} from "#signaling";
import { createHttpServer, listen } from "./http-server.ts";
import type { Logger } from "./log.ts";
import { pagesDirectory } from "./package-paths.ts";
import { OPEN_SECURITY, type ServerSecurity } from "./server-security.ts";

export type TrackerServerOptions = {
  host: string;
  port: number;
  /** How long a stream whose publisher vanished stays listed, in seconds. */
  graceSec: number;
  /** Default: everybody may do everything, over plain HTTP. */
  security?: ServerSecurity;
  /** Other trackers of the same swarms. */
  cluster?: Cluster | undefined;
  /** Where streams are remembered over a restart. */
  stateFile?: string | undefined;
  /** How long a stop takes to send peers elsewhere, in seconds. Default 0: all at once. */
  drainSec?: number;
  log: Logger;
};

/** Two seconds were promised, beside the time that peers are given. */
const STOP_WITHIN_MS = 1800;

export type RunningServer = {
  /** The port that was opened. */
  readonly port: number;
  /** A stop that takes longer may be cut short, in ms. Default: two seconds. */
  readonly stopWithinMs?: number;
  readonly metrics: Registry;
  /** Whether newcomers are taken. */
  isReady(): boolean;
  close(): Promise<void>;
};

/** Tracker and pages in one process. Publishers come from elsewhere. */
export async function startTrackerServer(options: TrackerServerOptions): Promise<RunningServer> {
  const { host, log, security = OPEN_SECURITY } = options;
  const app = createHttpServer(log, security);
  const tracker = createTracker(app, { ...security, ...trackerOptions(options) });
  const port = await listen(app, host, options.port);
  const { metrics } = tracker;
  const isReady = () => tracker.isReady;
  return {
    port,
    metrics,
    isReady,
    ...stopping(options),
    close: () => stopTracker(tracker, app, options),
  };
}

/** What the tracker of every server is made with. */
export function trackerOptions(options: TrackerServerOptions): TrackerOptions {
  const { log, cluster, stateFile } = options;
  const isRemembered = stateFile !== undefined && cluster === undefined;
  return {
    log,
    cluster,
    streamFile: isRemembered ? new StreamFile(stateFile, log) : undefined,
    graceMs: options.graceSec * 1000,
    pagesDirectory: pagesDirectory(),
  };
}

/** Peers first, so that they are elsewhere before the port is closed. */
export async function stopTracker(
  tracker: Tracker,
  app: FastifyInstance,
  { drainSec = 0 }: TrackerServerOptions,
): Promise<void> {
  await tracker.drain(drainSec * 1000);
  await app.close();
}

export function stopping({
  drainSec = 0,
}: TrackerServerOptions): Pick<RunningServer, "stopWithinMs"> {
  return { stopWithinMs: drainSec * 1000 + STOP_WITHIN_MS };
}
