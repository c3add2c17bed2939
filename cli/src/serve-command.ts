import { createTracker } from "#signaling";
import { localUrl } from "./addresses.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { pagesDirectory } from "./package-paths.ts";
import { prepareStream, type StreamOptions } from "./stream.ts";
import type { RunningServer, TrackerServerOptions } from "./tracker-command.ts";

export type ServeOptions = StreamOptions & TrackerServerOptions;
export type RunningStreamServer = RunningServer & { readonly streamId: string };

/** Tracker, ingest, origin and pages in one process on one port. */
export async function startServer(options: ServeOptions): Promise<RunningStreamServer> {
  const { host, log } = options;
  const app = createHttpServer(log);
  const { metrics } = createTracker(app, {
    log,
    graceMs: options.graceSec * 1000,
    isBehindProxy: options.isBehindProxy,
    pagesDirectory: pagesDirectory(),
  });
  const prepared = await prepareStream(app, metrics, options);
  const port = await listen(app, host, options.port);
  const stream = await prepared.start({ trackerUrl: localUrl(host, port) });
  return {
    port,
    streamId: prepared.publisher.streamId,
    async close() {
      await stream.close();
      await app.close();
    },
  };
}
