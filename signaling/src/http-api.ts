import type { FastifyInstance } from "fastify";
import type { Registry as MetricsRegistry } from "prom-client";
import {
  type ApiStats,
  type ApiStream,
  type ApiTrack,
  isStreamId,
  type PeerRecord,
  type SignedDescriptor,
  type StreamDescriptor,
  type TrackDescriptor,
} from "#protocol";
import { type HttpAccessOptions, mayDo, requireAccess } from "./access/http-access.ts";
import { sendError } from "./api-error.ts";
import type { Registry, StreamEntry } from "./registry.ts";

export type HttpApiOptions = HttpAccessOptions & {
  registry: Registry;
  metrics: MetricsRegistry;
  /** Whether newcomers are taken. */
  isReady: () => boolean;
  /** Peers named in one answer at most. */
  listedPeers: number;
};

/**
 * The tracker's JSON API, for everybody who is not a peer. Readable from any site. Where watching is
 * protected, a list shows only what the token in hand may watch.
 */
export async function httpApi(app: FastifyInstance, options: HttpApiOptions): Promise<void> {
  const { registry, metrics, listedPeers } = options;
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("access-control-allow-origin", "*");
    reply.header("x-content-type-options", "nosniff");
    reply.header("cache-control", "no-cache");
  });

  const admin = { onRequest: requireAccess(options, "admin") };
  const watch = { onRequest: requireAccess(options, "watch") };

  app.get("/api/streams", async (request): Promise<ApiStream[]> => {
    const listed = registry.listed();
    if (!options.access.protects("watch")) return listed.map(apiStream);
    const isAdmin = await mayDo(options, "admin", request);
    const isShown = await Promise.all(
      listed.map(
        ({ descriptor }) => isAdmin || mayDo(options, "watch", request, descriptor.streamId),
      ),
    );
    return listed.filter((_, index) => isShown[index]).map(apiStream);
  });

  app.get<{ Params: { id: string } }>("/api/streams/:id", watch, async (request, reply) => {
    const stream = find(registry, request.params.id);
    if (stream === undefined) return unknownStream(reply);
    const answer: ApiStream & { descriptor: SignedDescriptor } = {
      ...apiStream(stream),
      descriptor: stream.signed,
    };
    return answer;
  });

  app.get<{ Params: { id: string } }>("/api/streams/:id/peers", admin, async (request, reply) => {
    const stream = find(registry, request.params.id);
    if (stream === undefined) return unknownStream(reply);
    const peers: PeerRecord[] = [];
    for (const { record } of stream.swarm.members()) {
      if (peers.length >= listedPeers) break;
      peers.push(record);
    }
    return peers;
  });

  app.get(
    "/api/stats",
    admin,
    async (): Promise<ApiStats> => ({
      streams: registry.listed().map(({ descriptor, swarm, stats }) => ({
        id: descriptor.streamId,
        viewers: swarm.viewerCount,
        chunks: stats.chunks,
        blocks: stats.blocks,
        bytes: stats.bytes,
      })),
    }),
  );

  app.get("/healthz", async () => ({ ok: true, streams: registry.listed().length }));

  // Alive and ready are two things: one that stops is alive, but load balancers are to pass it by.
  app.get("/readyz", async (_request, reply) =>
    options.isReady() ? { ok: true } : reply.code(503).send({ ok: false, draining: true }),
  );

  app.get("/metrics", admin, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}

function find(registry: Registry, id: string): StreamEntry | undefined {
  return isStreamId(id) ? registry.stream(id) : undefined;
}

function unknownStream(reply: Parameters<typeof sendError>[0]) {
  return sendError(reply, 404, "unknown-stream", "no stream with this id is published here");
}

/** A stream as the API shows it. */
export function apiStream({ descriptor, publisher, swarm }: StreamEntry): ApiStream {
  return {
    id: descriptor.streamId,
    title: descriptor.title,
    live: descriptor.isLive && publisher.phase === "here",
    watchUrl: `/watch/${descriptor.streamId}`,
    tracks: descriptor.tracks.map(apiTrack),
    viewers: swarm.viewerCount,
    startedAt: new Date(descriptor.startedAtMs).toISOString(),
    ...stillOf(descriptor),
  };
}

function stillOf({ streamId, origins, tracks }: StreamDescriptor): Pick<ApiStream, "still"> {
  const [origin] = origins;
  const hasVideo = tracks.some(({ kind }) => kind === "video");
  if (origin === undefined || !hasVideo) return {};
  const base = `${origin.replace(/\/+$/, "")}/streams/${streamId}`;
  return { still: { movieUrl: `${base}/still.mp4`, pictureUrl: `${base}/still.jpg` } };
}

/** The descriptor's entry without what only players need. */
function apiTrack({ stripes: _, initVersion: __, init: ___, ...shown }: TrackDescriptor): ApiTrack {
  return Object.fromEntries(
    Object.entries(shown).filter(([, value]) => value !== undefined),
  ) as ApiTrack;
}
