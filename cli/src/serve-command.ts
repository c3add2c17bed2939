import { createTracker, guardOrigin, withOwnToken } from "#signaling";
import { localUrl } from "./addresses.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { pagesDirectory } from "./package-paths.ts";
import { OPEN_SECURITY, schemeOf } from "./server-security.ts";
import { prepareStreams, type RunningStreams, type StreamServerOptions } from "./stream-servers.ts";
import type { RunningServer, TrackerServerOptions } from "./tracker-command.ts";

export type ServeOptions = StreamServerOptions & TrackerServerOptions;
export type RunningStreamServer = RunningServer & { readonly streams: RunningStreams };

/** Tracker, ingest, origin and pages in one process on one port. */
export async function startServer(options: ServeOptions): Promise<RunningStreamServer> {
  const { host, log, security = OPEN_SECURITY } = options;
  const app = createHttpServer(log, security);
  const { access, token } = withOwnToken(security.access);
  const { metrics } = createTracker(app, {
    ...security,
    access,
    log,
    graceMs: options.graceSec * 1000,
    pagesDirectory: pagesDirectory(),
  });
  guardOrigin(app, security);
  const prepared = prepareStreams(app, metrics, options);
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
      async close() {
        await streams.close();
        await app.close();
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}
