import { createMetrics, guardOrigin, limitOrigins, requireAccess } from "#signaling";
import { publicUrl } from "./addresses.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { publishTokens } from "./publish-token.ts";
import type { RunningStreamServer } from "./serve-command.ts";
import { OPEN_SECURITY, schemeOf } from "./server-security.ts";
import { prepareStreams, type StreamServerOptions } from "./stream-servers.ts";

export type IngestServerOptions = StreamServerOptions & {
  trackerUrl: string;
  /** How viewers reach this origin. Default: from host and port. */
  originUrl: string | undefined;
  /** What lets us publish at the tracker. */
  token?: string | undefined;
};

/** The ingest of streams with its own origin, for a tracker elsewhere. */
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
  const prepared = prepareStreams(app, metrics, options);
  let isLive = () => false;
  app.get("/healthz", async () => ({ ok: true, live: isLive() }));
  // As of trackers: one that stops is alive, but is to be passed by.
  let isReady = false;
  app.get("/readyz", async (_request, reply) =>
    isReady ? { ok: true } : reply.code(503).send({ ok: false }),
  );
  const port = await listen(app, host, options.port);
  const originUrl = options.originUrl ?? publicUrl(host, port, schemeOf(security));
  try {
    const streams = await prepared.start({
      trackerUrl,
      trackerAccess: { token: token ?? (await publishTokens(security.keys)), isOwn: false },
      originUrl,
    });
    isReady = true;
    isLive = () => streams.reports.some(({ state }) => state === "live");
    return {
      port,
      originUrl,
      streams,
      metrics,
      isReady: () => isReady,
      async close() {
        isReady = false;
        await streams.close();
        await app.close();
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}
