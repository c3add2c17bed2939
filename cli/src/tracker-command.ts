import { createTracker } from "#signaling";
import { createHttpServer, listen } from "./http-server.ts";
import type { Logger } from "./log.ts";
import { pagesDirectory } from "./package-paths.ts";

export type TrackerServerOptions = {
  host: string;
  port: number;
  /** How long a stream whose publisher vanished stays listed, in seconds. */
  graceSec: number;
  isBehindProxy: boolean;
  log: Logger;
};

export type RunningServer = {
  /** The port that was opened. */
  readonly port: number;
  /** Stops within two seconds. */
  close(): Promise<void>;
};

/** Tracker and pages in one process. Publishers come from elsewhere. */
export async function startTrackerServer(options: TrackerServerOptions): Promise<RunningServer> {
  const { host, log } = options;
  const app = createHttpServer(log);
  createTracker(app, {
    log,
    graceMs: options.graceSec * 1000,
    isBehindProxy: options.isBehindProxy,
    pagesDirectory: pagesDirectory(),
  });
  const port = await listen(app, host, options.port);
  return { port, close: () => app.close() };
}
