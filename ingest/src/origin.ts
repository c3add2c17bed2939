import type { FastifyInstance, FastifyReply } from "fastify";
import { encodeBundle, type StreamId } from "#protocol";
import { chunkBytes, type HeldChunk } from "./chunk-window.ts";
import type { DvrStore } from "./dvr/dvr-store.ts";
import { HeldRequests } from "./held-requests.ts";
import { HlsPresentation } from "./hls/presentation.ts";
import { addHlsRoutes } from "./hls/routes.ts";
import { WaitingRoom } from "./hls/waiting-room.ts";
import { JoinResponse } from "./join-response.ts";
import { refuse, sendForever, unknown } from "./media-reply.ts";
import type { Publisher } from "./publisher.ts";
import type { PublishedTrack } from "./track-table.ts";

export type Origin = {
  /** Bytes of successful answers, without headers. */
  readonly sentBytes: number;
  /** Requests waiting for chunks to come. */
  readonly heldRequests: number;
  /** No chunk comes any more: players of HLS are told that this was the end. */
  end(): void;
  /** Lets held requests go. */
  close(): void;
};

const BINARY = "application/octet-stream";

const SUCCESSES = new Set([200, 206]);

type StreamParams = { id: string };
type TrackParams = StreamParams & { track: string };

/**
 * Serve a stream over HTTP below `/streams/:id`, to viewers the mesh is late for and to those
 * without WebRTC. Everything but the descriptor and the join response never changes, so a CDN
 * can stand in front.
 * @param dvr Keeps what memory has no room for; closed by whoever opened it.
 */
export function createOrigin(
  app: FastifyInstance,
  publisher: Publisher,
  { dvr }: { dvr?: DvrStore | undefined } = {},
): Origin {
  const { limits, window } = publisher;
  if (dvr !== undefined) window.handOldTo((chunk) => dvr.add(chunk));
  const held = new HeldRequests(limits);
  const waiting = new WaitingRoom({ max: limits.heldRequests, maxMs: limits.reloadMs });
  const presentation = new HlsPresentation({
    publisher,
    spanMs: dvr?.spanMs,
    oldestSequence: (track) => dvr?.oldest(track) ?? window.oldest(track)?.sequence,
  });
  const find = async (track: number, sequence: number) =>
    window.get(track, sequence) ?? (await dvr?.find(track, sequence));
  publisher.listen({
    onChunk(chunk) {
      presentation.add(chunk);
      held.chunkMade(chunk);
      waiting.look();
    },
  });
  const state = { sentBytes: 0 };
  app.register(
    async (routes) => {
      addHooks(routes, publisher.streamId, (bytes) => {
        state.sentBytes += bytes;
      });
      addStreamRoutes(routes, publisher);
      addTrackRoutes(routes, { publisher, held, find });
      addHlsRoutes(routes, { publisher, presentation, waiting, find });
    },
    { prefix: `/streams/:id` },
  );
  const close = () => {
    held.close();
    waiting.close();
  };
  app.addHook("preClose", async () => close());
  return {
    get sentBytes() {
      return state.sentBytes;
    },
    get heldRequests() {
      return held.count + waiting.count;
    },
    end() {
      presentation.end();
      waiting.look();
    },
    close,
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
      "access-control-expose-headers": "age, content-length, content-range, date, etag",
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
    if (request.method !== "GET" || !SUCCESSES.has(reply.statusCode)) return;
    countSent(Number(reply.getHeader("content-length") ?? 0));
  });
}

function addStreamRoutes(routes: FastifyInstance, publisher: Publisher): void {
  const join = new JoinResponse(publisher);

  routes.get("/descriptor", async (_request, reply) =>
    reply.header("cache-control", "no-cache").send(publisher.signed),
  );

  routes.get("/join", async (request, reply) => {
    const { video } = request.query as { video?: string | string[] };
    const body = join.body(typeof video === "string" ? video : undefined);
    // A cache in front answers a crowd with one copy a second.
    const headers = reply.header("cache-control", "public, max-age=0, s-maxage=1");
    return headers.type(BINARY).send(body);
  });
}

type TrackRoutesOptions = {
  publisher: Publisher;
  held: HeldRequests;
  /** A chunk, as far back as there are any. */
  find(track: number, sequence: number): Promise<HeldChunk | undefined>;
};

function addTrackRoutes(routes: FastifyInstance, options: TrackRoutesOptions): void {
  const { publisher, held, find } = options;

  /** The chunk, waited for if it is about to be made; answers itself where there is none. */
  async function findOrRefuse(
    { id, sequence }: { id: string; sequence: string },
    reply: FastifyReply,
  ): Promise<{ track: PublishedTrack; chunk: HeldChunk } | undefined> {
    const track = publisher.track(id);
    const number = numberFrom(sequence);
    if (track === undefined) {
      unknown(reply, "track");
      return undefined;
    }
    const isAhead = isAboutToBeMade(publisher, track, number);
    if (isAhead && held.isFull) {
      refuse(reply, 503, "busy", "too many requests wait for chunks to come");
      return undefined;
    }
    const chunk = isAhead
      ? await held.wait(track.index, number, (give) => reply.raw.once("close", give))
      : await find(track.index, number);
    if (chunk === undefined) unknown(reply, "chunk");
    return chunk && { track, chunk };
  }

  routes.get<{ Params: TrackParams & { version: string } }>(
    "/tracks/:track/init/:version(^\\d+).mp4",
    async (request, reply) => {
      const track = publisher.track(request.params.track);
      const version = numberFrom(request.params.version);
      const bytes = track?.inits.get(version);
      if (track === undefined || bytes === undefined) return unknown(reply, "init segment");
      return sendForever(request, reply, { type: mediaType(track), bytes, tag: `${version}` });
    },
  );

  routes.get<{ Params: TrackParams & { sequence: string } }>(
    "/tracks/:track/chunks/:sequence(^\\d+).m4s",
    async (request, reply) => {
      const { track: id, sequence } = request.params;
      const found = await findOrRefuse({ id, sequence }, reply);
      if (found === undefined) return reply;
      const bytes = chunkBytes(found.chunk);
      const type = mediaType(found.track);
      return sendForever(request, reply, { type, bytes, tag: sequence });
    },
  );

  routes.get<{ Params: TrackParams & { sequence: string } }>(
    "/tracks/:track/blocks/:sequence",
    async (request, reply) => {
      const { track: id, sequence } = request.params;
      const found = await findOrRefuse({ id, sequence }, reply);
      if (found === undefined) return reply;
      const bytes = encodeBundle(found.chunk.blocks.map((block) => block.bytes));
      return sendForever(request, reply, { type: BINARY, bytes, tag: sequence });
    },
  );

  routes.get<{ Params: TrackParams & { sequence: string; index: string } }>(
    "/tracks/:track/blocks/:sequence/:index",
    async (request, reply) => {
      const { track: id, sequence, index } = request.params;
      const track = publisher.track(id);
      const chunk = track && (await find(track.index, numberFrom(sequence)));
      const bytes = chunk?.blocks[numberFrom(index)]?.bytes;
      if (bytes === undefined) return unknown(reply, "block");
      return sendForever(request, reply, { type: BINARY, bytes, tag: `${sequence}-${index}` });
    },
  );
}

function isAboutToBeMade(publisher: Publisher, track: PublishedTrack, sequence: number): boolean {
  const { descriptor, limits, window } = publisher;
  const newest = window.newest(track.index);
  if (newest === undefined) return false;
  const ahead = sequence - newest.sequence;
  return ahead > 0 && ahead <= Math.ceil(limits.heldAheadMs / descriptor.chunkMs);
}

function mediaType({ current }: PublishedTrack): string {
  return `${current.kind}/mp4`;
}

/** Not a number where one belongs finds nothing. */
function numberFrom(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
}
