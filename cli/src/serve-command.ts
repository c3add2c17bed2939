import { createTracker, guardOrigin, withOwnToken } from "#signaling";
import { localUrl } from "./addresses.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { OPEN_SECURITY, schemeOf } from "./server-security.ts";
import { prepareStreams, type RunningStreams, type StreamServerOptions } from "./stream-servers.ts";
import {
  type RunningServer,
  stopping,
  stopTracker,
  type TrackerServerOptions,
  trackerOptions,
} from "./tracker-command.ts";

export type ServeOptions = StreamServerOptions & TrackerServerOptions;
export type RunningStreamServer = RunningServer & { readonly streams: RunningStreams };

/** Tracker, ingest, origin and pages in one process on one port. */
export async function startServer(options: ServeOptions): Promise<RunningStreamServer> {
  const { host, log, security = OPEN_SECURITY } = options;
  const app = createHttpServer(log, security);
  const { access, token } = withOwnToken(security.access);
  const tracker = createTracker(app, { ...security, ...trackerOptions(options), access });
  guardOrigin(app, security);
  const prepared = prepareStreams(app, tracker.metrics, options);
  const port = await listen(app, host, options.port);
  try {
    const streams = await prepared.start({
      trackerUrl: localUrl(host, port, schemeOf(security)),
      trackerAccess: { token, isOwn: true },
      originUrl: undefined,
    });
    return {
      port,
      streams,
      metrics: tracker.metrics,
      isReady: () => tracker.isReady,
      ...stopping(options),
      async close() {
        await streams.close();
        await stopTracker(tracker, app, options);
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}
