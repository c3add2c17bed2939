import { createTracker } from "#signaling";
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
  const { host, log, security = OPEN_SECURITY } = options;
  const app = createHttpServer(log, security);
  createTracker(app, {
    ...security,
    log,
    graceMs: options.graceSec * 1000,
    pagesDirectory: pagesDirectory(),
  });
  const port = await listen(app, host, options.port);
  return { port, close: () => app.close() };
}
