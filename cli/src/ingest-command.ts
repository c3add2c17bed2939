import { createMetrics, guardOrigin, limitOrigins, requireAccess } from "#signaling";
import { publicUrl } from "./addresses.ts";
import { createHttpServer, listen } from "./http-server.ts";
import type { RunningStreamServer } from "./serve-command.ts";
import { OPEN_SECURITY, type ServerSecurity, schemeOf } from "./server-security.ts";
import { prepareStream, type StreamOptions } from "./stream.ts";

export type IngestServerOptions = StreamOptions & {
  trackerUrl: string;
  /** How viewers reach this origin. Default: from host and port. */
  originUrl: string | undefined;
  /** What lets us publish at the tracker. */
  token?: string | undefined;
  /** Default: everybody may do everything, over plain HTTP. */
  security?: ServerSecurity;
};

/** The ingest of one stream with its own origin, for a tracker elsewhere. */
export async function startIngestServer(
  options: IngestServerOptions,
): Promise<RunningStreamServer & { readonly originUrl: string }> {
  const { host, log, trackerUrl, token, security = OPEN_SECURITY } = options;
  const app = createHttpServer(log, security);
  limitOrigins(app, security.allowedOrigins);
  guardOrigin(app, security);
  const metrics = createMetrics();
  app.get("/metrics", { onRequest: requireAccess(security, "admin") }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
  const prepared = await prepareStream(app, metrics, options);
  const { publisher } = prepared;
  app.get("/healthz", async () => ({ ok: true, live: publisher.descriptor.isLive }));
  const port = await listen(app, host, options.port);
  const originUrl = options.originUrl ?? publicUrl(host, port, schemeOf(security));
  const stream = await prepared.start({ trackerUrl, originUrl, token });
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
