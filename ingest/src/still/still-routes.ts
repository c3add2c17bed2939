import type { FastifyInstance } from "fastify";
import { unknown } from "../media-reply.ts";
import { ffmpegFrame } from "./ffmpeg-frame.ts";
import { type DecodeFrame, STILL_FRESH_MS } from "./still-pictures.ts";

const CACHED = { "cache-control": `public, max-age=${STILL_FRESH_MS / 1000}` };

/**
 * What a stream looks like: `still.mp4` for browsers, and `still.jpg` for those that make previews
 * of links, where there is an ffmpeg to make it.
 */
export function addStillRoutes(routes: FastifyInstance, decode: DecodeFrame = ffmpegFrame()): void {
  routes.get("/still.mp4", async (request, reply) => {
    const bytes = request.stream.stills.movie();
    if (bytes === undefined) return unknown(reply, "picture");
    return reply.headers(CACHED).type("video/mp4").send(bytes);
  });

  routes.get("/still.jpg", async (request, reply) => {
    const bytes = await request.stream.stills.picture(decode);
    if (bytes === undefined) return unknown(reply, "picture");
    return reply.headers(CACHED).type("image/jpeg").send(bytes);
  });
}
