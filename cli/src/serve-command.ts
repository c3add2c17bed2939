import { createTracker, guardOrigin, withOwnToken } from "#signaling";
import { localUrl } from "./addresses.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { pagesDirectory } from "./package-paths.ts";
import { OPEN_SECURITY, schemeOf } from "./server-security.ts";
import { prepareStream, type StreamOptions } from "./stream.ts";
import type { RunningServer, TrackerServerOptions } from "./tracker-command.ts";

export type ServeOptions = StreamOptions & TrackerServerOptions;
export type RunningStreamServer = RunningServer & { readonly streamId: string };

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
  const prepared = await prepareStream(app, metrics, options);
  const port = await listen(app, host, options.port);
  const stream = await prepared.start({
    trackerUrl: localUrl(host, port, schemeOf(security)),
    token,
    isOwnTracker: true,
  });
  return {
    port,
    streamId: prepared.publisher.streamId,
    async close() {
      await stream.close();
      await app.close();
    },
  };
}
