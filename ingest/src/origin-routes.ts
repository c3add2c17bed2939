import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import { encodeBundle } from "#protocol";
import { chunkBytes, type HeldChunk } from "./chunk-window.ts";
import { refuse, sendForever, sendForNow, unknown } from "./media-reply.ts";
import type { Publisher } from "./publisher.ts";
import type { ServedStream } from "./served-stream.ts";
import type { PublishedTrack } from "./track-table.ts";

const BINARY = "application/octet-stream";

type TrackParams = { track: string };

/** What is asked for once, by whoever joins. */
export function addStreamRoutes(routes: FastifyInstance): void {
  routes.get("/descriptor", async ({ stream }, reply) =>
    reply.header("cache-control", "no-cache").send(stream.publisher.signed),
  );

  routes.get("/join", async ({ stream, query }, reply) => {
    const { video } = query as { video?: string | string[] };
    const body = stream.join.body(typeof video === "string" ? video : undefined);
    // A cache in front answers a crowd with one copy a second.
    const headers = reply.header("cache-control", "public, max-age=0, s-maxage=1");
    return headers.type(BINARY).send(body);
  });
}

/** Where to begin in the past. */
export function addPastRoute(routes: FastifyInstance): void {
  routes.get<{ Params: { time: string } }>(
    "/past/:time(^\\d{1,14})",
    async ({ stream, params, query }, reply) => {
      const { video } = query as { video?: string | string[] };
      const found = stream.past.find(
        Number(params.time),
        typeof video === "string" ? video : undefined,
      );
      if (found === undefined) return unknown(reply, "past");
      // The past stays as it was, but for its end: caches may keep it for a moment.
      return reply.header("cache-control", "public, max-age=2").send(found);
    },
  );
}

/** Init segments, chunks and blocks by their numbers. */
export function addTrackRoutes(routes: FastifyInstance): void {
  routes.get<{ Params: TrackParams & { version: string } }>(
    "/tracks/:track/init/:version(^\\d+).mp4",
    async (request, reply) => {
      const track = request.stream.publisher.track(request.params.track);
      const version = numberFrom(request.params.version);
      const bytes = track?.inits.get(version);
      if (track === undefined || bytes === undefined) return unknown(reply, "init segment");
      // Versions count from 0 again when ingest is started anew: only the bytes name themselves.
      const tag = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
      return sendForNow(request, reply, { type: mediaType(track), bytes, tag });
    },
  );

  routes.get<{ Params: TrackParams & { sequence: string } }>(
    "/tracks/:track/chunks/:sequence(^\\d+).m4s",
    async (request, reply) => {
      const found = await findOrRefuse(request.stream, request.params, reply);
      if (found === undefined) return reply;
      const bytes = chunkBytes(found.chunk);
      const type = mediaType(found.track);
      return sendForever(request, reply, { type, bytes, tag: request.params.sequence });
    },
  );

  routes.get<{ Params: TrackParams & { sequence: string } }>(
    "/tracks/:track/blocks/:sequence",
    async (request, reply) => {
      const found = await findOrRefuse(request.stream, request.params, reply);
      if (found === undefined) return reply;
      const bytes = encodeBundle(found.chunk.blocks.map((block) => block.bytes));
      return sendForever(request, reply, { type: BINARY, bytes, tag: request.params.sequence });
    },
  );

  routes.get<{ Params: TrackParams & { sequence: string; index: string } }>(
    "/tracks/:track/blocks/:sequence/:index",
    async (request, reply) => {
      const { track: id, sequence, index } = request.params;
      const { publisher, find } = request.stream;
      const track = publisher.track(id);
      const chunk = track && (await find(track.index, numberFrom(sequence)));
      const bytes = chunk?.blocks[numberFrom(index)]?.bytes;
      if (bytes === undefined) return unknown(reply, "block");
      return sendForever(request, reply, { type: BINARY, bytes, tag: `${sequence}-${index}` });
    },
  );
}

/** The chunk, waited for if it is about to be made; answers itself where there is none. */
async function findOrRefuse(
  { publisher, held, find }: ServedStream,
  { track: id, sequence }: TrackParams & { sequence: string },
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
