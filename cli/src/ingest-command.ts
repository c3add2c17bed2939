import { createMetrics } from "#signaling";
import { publicUrl } from "./addresses.ts";
import { createHttpServer, listen } from "./http-server.ts";
import type { RunningStreamServer } from "./serve-command.ts";
import { prepareStream, type StreamOptions } from "./stream.ts";

export type IngestServerOptions = StreamOptions & {
  trackerUrl: string;
  /** How viewers reach this origin. Default: from host and port. */
  originUrl: string | undefined;
};

/** The ingest of one stream with its own origin, for a tracker elsewhere. */
export async function startIngestServer(
  options: IngestServerOptions,
): Promise<RunningStreamServer & { readonly originUrl: string }> {
  const { host, log, trackerUrl } = options;
  const app = createHttpServer(log);
  const metrics = createMetrics();
  app.get("/metrics", async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
  const prepared = await prepareStream(app, metrics, options);
  const { publisher } = prepared;
  app.get("/healthz", async () => ({ ok: true, live: publisher.descriptor.isLive }));
  const port = await listen(app, host, options.port);
  const originUrl = options.originUrl ?? publicUrl(host, port);
  const stream = await prepared.start({ trackerUrl, originUrl });
  return {
    port,
    originUrl,
    streamId: publisher.streamId,
    async close() {
      await stream.close();
      await app.close();
    },
  };
}
