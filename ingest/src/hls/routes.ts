import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { chunkBytes } from "../chunk-window.ts";
import { refuse, sendForever, unknown } from "../media-reply.ts";
import type { PlaylistBody } from "./playlist-body.ts";
import { answerTo, parseDirectives } from "./reload-directives.ts";
import { TARGET_MS } from "./timing.ts";
import type { WaitingRoom } from "./waiting-room.ts";

type TrackParams = { track: string };

const PLAYLIST = "application/vnd.apple.mpegurl";
/** A cache in front answers a crowd with one copy a second. */
const NOW = "public, max-age=0, s-maxage=1";
/** The address says what it waited for: a copy never lacks that, and players ask for the next. */
const RELOADED = `public, max-age=${TARGET_MS / 1000}`;

/** Routes below `/streams/:id/hls` (docs/hls.md). */
export function addHlsRoutes(routes: FastifyInstance): void {
  routes.get("/hls/master.m3u8", async (request, reply) => {
    const { presentation, waiting } = request.stream;
    await waitFor(reply, waiting, () => presentation.isReady);
    if (!presentation.isReady) return notYet(reply);
    return sendPlaylist(request, reply, presentation.masterPlaylist(), NOW);
  });

  routes.get<{ Params: TrackParams }>("/hls/:track/playlist.m3u8", (request, reply) =>
    answerPlaylist(request, reply),
  );

  routes.get<{ Params: TrackParams & { name: string } }>(
    "/hls/:track/:name(^init-[0-9a-f]{16}\\.mp4$)",
    async (request, reply) => {
      const { track: id, name } = request.params;
      const { publisher, presentation } = request.stream;
      const track = publisher.track(id);
      const init = presentation.init(id, name);
      if (track === undefined || init === undefined) return unknown(reply, "init segment");
      const type = `${track.current.kind}/mp4`;
      return sendForever(request, reply, { type, bytes: init.bytes, tag: name });
    },
  );

  routes.get<{ Params: TrackParams & { first: string; last: string } }>(
    "/hls/:track/:first(^\\d{1,10})-:last(^\\d{1,10}).m4s",
    (request, reply) => answerSegment(request, reply),
  );
}

async function answerPlaylist(
  request: FastifyRequest<{ Params: TrackParams }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { publisher, presentation, waiting } = request.stream;
  const { track: id } = request.params;
  if (publisher.track(id) === undefined) return unknown(reply, "track");
  const directives = parseDirectives(request.query as Record<string, unknown>);
  if (directives === undefined) {
    const message = "_HLS_msn is a whole number, and _HLS_part another one beside it";
    return refuse(reply, 400, "bad-directives", message);
  }
  const answerNow = () => {
    const list = presentation.list(id);
    return list === undefined ? "later" : answerTo(directives, list);
  };
  if (answerNow() === "later" && waiting.isFull) {
    return refuse(reply, 503, "busy", "too many requests wait for segments to come");
  }
  await waitFor(reply, waiting, () => answerNow() !== "later");
  const list = presentation.list(id);
  const answer = answerNow();
  if (answer === "too-far") {
    return refuse(reply, 400, "too-far-ahead", "that part is more than three seconds ahead");
  }
  if (answer === "later" || list === undefined) return notYet(reply);
  const playlist = presentation.mediaPlaylist(id, list, directives.isDelta);
  const isReload = directives.until !== undefined && !list.hasEnded;
  return sendPlaylist(request, reply, playlist, isReload ? RELOADED : NOW);
}

async function answerSegment(
  request: FastifyRequest<{ Params: TrackParams & { first: string; last: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { publisher, presentation, find } = request.stream;
  const { track: id, first, last } = request.params;
  const track = publisher.track(id);
  const segment = presentation.list(id)?.find(Number(first), Number(last));
  if (track === undefined || segment === undefined) return unknown(reply, "segment");
  const chunks: Uint8Array[] = [];
  for (let sequence = segment.firstSequence; sequence <= segment.lastSequence; sequence++) {
    const chunk = await find(track.index, sequence);
    if (chunk === undefined) return unknown(reply, "segment");
    chunks.push(chunkBytes(chunk));
  }
  const type = `${track.current.kind}/mp4`;
  const tag = `${segment.firstSequence}-${segment.lastSequence}`;
  return sendForever(request, reply, { type, bytes: Buffer.concat(chunks), tag });
}

async function waitFor(
  reply: FastifyReply,
  waiting: WaitingRoom,
  isMet: () => boolean,
): Promise<void> {
  if (isMet() || waiting.isFull) return;
  await waiting.wait(isMet, (give) => reply.raw.once("close", give));
}

function sendPlaylist(
  request: FastifyRequest,
  reply: FastifyReply,
  playlist: PlaylistBody,
  cacheControl: string,
): FastifyReply {
  reply.headers({ "cache-control": cacheControl, vary: "accept-encoding" }).type(PLAYLIST);
  if (!/\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) {
    return reply.send(playlist.text);
  }
  return reply.header("content-encoding", "gzip").send(playlist.gzipped);
}

function notYet(reply: FastifyReply): FastifyReply {
  return refuse(reply, 503, "not-yet", "the stream has not got that far; is an encoder connected?");
}
