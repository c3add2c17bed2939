import type { FastifyInstance, FastifyReply } from "fastify";
import { type ApiError, encodeBundle, type StreamId } from "#protocol";
import { chunkBytes, type HeldChunk } from "./chunk-window.ts";
import { HeldRequests } from "./held-requests.ts";
import { JoinResponse } from "./join-response.ts";
import type { Publisher } from "./publisher.ts";
import type { PublishedTrack } from "./track-table.ts";

export type Origin = {
  /** Bytes of successful answers, without headers. */
  readonly sentBytes: number;
  /** Requests waiting for chunks to come. */
  readonly heldRequests: number;
  /** Lets held requests go. */
  close(): void;
};

const IMMUTABLE = "public, max-age=31536000, immutable";
const BINARY = "application/octet-stream";

type StreamParams = { id: string };
type TrackParams = StreamParams & { track: string };

/**
 * Serve a stream over HTTP below `/streams/:id`, to viewers the mesh is late for and to those
 * without WebRTC. Everything but the descriptor and the join response never changes, so a CDN
 * can stand in front.
 */
export function createOrigin(app: FastifyInstance, publisher: Publisher): Origin {
  const held = new HeldRequests(publisher.limits);
  publisher.listen({ onChunk: (chunk) => held.chunkMade(chunk) });
  const state = { sentBytes: 0 };
  app.register(
    async (routes) => {
      addHooks(routes, publisher.streamId, (bytes) => {
        state.sentBytes += bytes;
      });
      addStreamRoutes(routes, publisher);
      addTrackRoutes(routes, publisher, held);
    },
    { prefix: `/streams/:id` },
  );
  app.addHook("preClose", async () => held.close());
  return {
    get sentBytes() {
      return state.sentBytes;
    },
    get heldRequests() {
      return held.count;
    },
    close: () => held.close(),
  };
}

function addHooks(
  routes: FastifyInstance,
  streamId: StreamId,
  countSent: (bytes: number) => void,
): void {
  routes.addHook("onRequest", async (request, reply) => {
    reply.headers({
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      "timing-allow-origin": "*",
      "x-content-type-options": "nosniff",
    });
    if ((request.params as StreamParams).id !== streamId) {
      return refuse(reply, 404, "unknown-stream", "this origin does not have that stream");
    }
    return undefined;
  });
  routes.addHook("onResponse", async (request, reply) => {
    if (request.method !== "GET" || reply.statusCode !== 200) return;
    countSent(Number(reply.getHeader("content-length") ?? 0));
  });
}

function addStreamRoutes(routes: FastifyInstance, publisher: Publisher): void {
  const join = new JoinResponse(publisher);

  routes.get("/descriptor", async (_request, reply) =>
    reply.header("cache-control", "no-cache").send(publisher.signed),
  );

  routes.get("/join", async (_request, reply) =>
    // A cache in front answers a crowd with one copy a second.
    reply.header("cache-control", "public, max-age=0, s-maxage=1").type(BINARY).send(join.body),
  );
}

function addTrackRoutes(routes: FastifyInstance, publisher: Publisher, held: HeldRequests): void {
  routes.get<{ Params: TrackParams & { version: string } }>(
    "/tracks/:track/init/:version(^\\d+).mp4",
    async ({ params }, reply) => {
      const track = publisher.track(params.track);
      const init = track?.inits.get(numberFrom(params.version));
      if (track === undefined || init === undefined) return unknown(reply, "init segment");
      return sendForever(reply, mediaType(track), init);
    },
  );

  routes.get<{ Params: TrackParams & { sequence: string } }>(
    "/tracks/:track/chunks/:sequence(^\\d+).m4s",
    async ({ params }, reply) => {
      const track = publisher.track(params.track);
      const chunk = find(publisher, track, params.sequence);
      if (track === undefined || chunk === undefined) return unknown(reply, "chunk");
      return sendForever(reply, mediaType(track), chunkBytes(chunk));
    },
  );

  routes.get<{ Params: TrackParams & { sequence: string } }>(
    "/tracks/:track/blocks/:sequence",
    async (request, reply) => {
      const track = publisher.track(request.params.track);
      const sequence = numberFrom(request.params.sequence);
      if (track === undefined) return unknown(reply, "track");
      const isAhead = isAboutToBeMade(publisher, track, sequence);
      if (isAhead && held.isFull) {
        return refuse(reply, 503, "busy", "too many requests wait for chunks to come");
      }
      const chunk = isAhead
        ? await held.wait(track.index, sequence, (give) => reply.raw.once("close", give))
        : publisher.window.get(track.index, sequence);
      if (chunk === undefined) return unknown(reply, "chunk");
      return sendForever(reply, BINARY, encodeBundle(chunk.blocks.map(({ bytes }) => bytes)));
    },
  );

  routes.get<{ Params: TrackParams & { sequence: string; index: string } }>(
    "/tracks/:track/blocks/:sequence/:index",
    async ({ params }, reply) => {
      const chunk = find(publisher, publisher.track(params.track), params.sequence);
      const block = chunk?.blocks[numberFrom(params.index)];
      if (block === undefined) return unknown(reply, "block");
      return sendForever(reply, BINARY, block.bytes);
    },
  );
}

function find(
  publisher: Publisher,
  track: PublishedTrack | undefined,
  sequence: string,
): HeldChunk | undefined {
  return track === undefined ? undefined : publisher.window.get(track.index, numberFrom(sequence));
}

function isAboutToBeMade(publisher: Publisher, track: PublishedTrack, sequence: number): boolean {
  const { descriptor, limits, window } = publisher;
  const newest = window.newest(track.index);
  if (newest === undefined) return false;
  const ahead = sequence - newest.sequence;
  return ahead > 0 && ahead <= Math.ceil(limits.heldAheadMs / descriptor.chunkMs);
}

function sendForever(reply: FastifyReply, type: string, bytes: Uint8Array): FastifyReply {
  return reply.header("cache-control", IMMUTABLE).type(type).send(bytes);
}

function mediaType({ current }: PublishedTrack): string {
  return `${current.kind}/mp4`;
}

/** Not a number where one belongs finds nothing. */
function numberFrom(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
}

function unknown(reply: FastifyReply, what: string): FastifyReply {
  return refuse(
    reply,
    404,
    `unknown-${what.replace(" ", "-")}`,
    `no such ${what} here, or no longer`,
  );
}

function refuse(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  const body: ApiError = { error: { code, message } };
  return reply.code(status).header("cache-control", "no-store").send(body);
}
