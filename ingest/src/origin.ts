import type { FastifyInstance } from "fastify";
import type { StreamId } from "#protocol";
import type { DvrStore } from "./dvr/dvr-store.ts";
import { addHlsRoutes } from "./hls/routes.ts";
import { refuse } from "./media-reply.ts";
import { addPastRoute, addStreamRoutes, addTrackRoutes } from "./origin-routes.ts";
import type { Publisher } from "./publisher.ts";
import { letGo, type ServedStream, serveStream } from "./served-stream.ts";
import { addStillRoutes } from "./still/still-routes.ts";

export type Origin = {
  /** Bytes of successful answers, without headers. */
  readonly sentBytes: number;
  /** Requests waiting for chunks to come. */
  readonly heldRequests: number;
  /** No chunk comes any more: players of HLS are told that this was the end. */
  end(): void;
  /** Lets held requests go, and forgets the stream. */
  close(): void;
};

const SUCCESSES = new Set([200, 206]);

/**
 * Serves streams over HTTP below `/streams/:id`, to viewers the mesh is late for and to those
 * without WebRTC. Everything but descriptor, join response and playlists never changes, so a CDN can
 * stand in front. Streams come and go while the server runs.
 */
export class OriginPoint {
  readonly #streams = new Map<string, ServedStream>();

  constructor(app: FastifyInstance) {
    app.register(
      async (routes) => {
        this.#addHooks(routes);
        addStreamRoutes(routes);
        addTrackRoutes(routes);
        addPastRoute(routes);
        addHlsRoutes(routes);
        addStillRoutes(routes);
      },
      { prefix: "/streams/:id" },
    );
    app.addHook("preClose", async () => {
      for (const stream of this.#streams.values()) letGo(stream);
    });
  }

  /** Whether a stream of this id is served now. */
  has(streamId: StreamId): boolean {
    return this.#streams.has(streamId);
  }

  /** @param dvr Keeps what memory has no room for; closed by whoever opened it. */
  add(publisher: Publisher, { dvr }: { dvr?: DvrStore | undefined } = {}): Origin {
    const stream = serveStream(publisher, dvr);
    const { streamId } = publisher;
    this.#streams.set(streamId, stream);
    return {
      get sentBytes() {
        return stream.sentBytes;
      },
      get heldRequests() {
        return stream.held.count + stream.waiting.count;
      },
      end() {
        stream.presentation.end();
        stream.waiting.look();
      },
      close: () => {
        letGo(stream);
        if (this.#streams.get(streamId) === stream) this.#streams.delete(streamId);
      },
    };
  }

  #addHooks(routes: FastifyInstance): void {
    // Each request has its own from the first hook on: the stream may go while it waits.
    routes.decorateRequest("stream");
    routes.addHook("onRequest", async (request, reply) => {
      reply.headers({
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "age, content-length, content-range, date, etag",
        "cross-origin-resource-policy": "cross-origin",
        "timing-allow-origin": "*",
        "x-content-type-options": "nosniff",
      });
      const stream = this.#streams.get((request.params as { id: string }).id);
      if (stream === undefined) {
        return refuse(reply, 404, "unknown-stream", "this origin does not have that stream");
      }
      request.stream = stream;
      return undefined;
    });
    routes.addHook("onResponse", async (request, reply) => {
      if (request.method !== "GET" || !SUCCESSES.has(reply.statusCode)) return;
      request.stream.sentBytes += Number(reply.getHeader("content-length") ?? 0);
    });
  }
}
