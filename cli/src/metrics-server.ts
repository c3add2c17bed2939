import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { createHttpServer, listen } from "./http-server.ts";
import type { Logger } from "./log.ts";

export type MetricsPlace = { host: string; port: number };

/**
 * `/metrics`, `/healthz` and `/readyz` on a port of their own, without tokens: for a network that only
 * Prometheus and the orchestrator are on.
 */
export async function startMetricsServer(
  place: MetricsPlace,
  metrics: Registry,
  isReady: () => boolean,
  log: Logger,
): Promise<FastifyInstance> {
  const app = createHttpServer(log);
  app.get("/metrics", async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
  app.get("/healthz", async () => ({ ok: true }));
  app.get("/readyz", async (_request, reply) =>
    isReady() ? { ok: true } : reply.code(503).send({ ok: false }),
  );
  await listen(app, place.host, place.port, "--metrics-port");
  return app;
}
