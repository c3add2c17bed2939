import type { IncomingMessage, ServerResponse } from "node:http";
import type { PieceStream } from "../restream/piece-stream.ts";
import { PieceWriter } from "../restream/piece-writer.ts";
import type { Restreamer } from "../restream/restreamer.ts";
import type { SegmentList } from "./segment-list.ts";

const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";
const TS_TYPE = "video/mp2t";
const ROUTES = "/stream.ts, /stream.mp4 and /index.m3u8";

/** Answers players that speak HTTP. */
export class StreamingRoutes {
  readonly #restreamer: Restreamer;
  readonly #segments: SegmentList;

  constructor(restreamer: Restreamer, segments: SegmentList) {
    this.#restreamer = restreamer;
    this.#segments = segments;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("cache-control", "no-cache");
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return say(response, 405, `${request.method} is not answered here, GET is`);
    }
    const path = (request.url ?? "/").replace(/\?.*$/, "");
    const sequence = /^\/segment-(\d{1,10})\.ts$/.exec(path)?.[1];
    if (sequence !== undefined) return this.#sendSegment(request, response, Number(sequence));
    switch (path) {
      case "/stream.ts":
        return stream(request, response, TS_TYPE, this.#restreamer.ts);
      case "/stream.mp4":
        return stream(request, response, "video/mp4", this.#restreamer.mp4);
      case "/index.m3u8":
        return this.#sendPlaylist(request, response);
      default:
        return say(response, 404, `nothing here; this peer has ${ROUTES}`);
    }
  }

  #sendPlaylist(request: IncomingMessage, response: ServerResponse): void {
    const { playlist } = this.#segments;
    if (playlist !== undefined) return send(request, response, PLAYLIST_TYPE, playlist);
    response.setHeader("retry-after", "1");
    say(response, 503, "no segment yet; ask again in a second");
  }

  #sendSegment(request: IncomingMessage, response: ServerResponse, sequence: number): void {
    const segment = this.#segments.segment(sequence);
    if (segment === undefined) return say(response, 404, "this segment is gone, or not yet there");
    response.setHeader("cache-control", "max-age=60");
    send(request, response, TS_TYPE, segment.bytes);
  }
}

function stream(
  { method }: IncomingMessage,
  response: ServerResponse,
  type: string,
  source: PieceStream,
): void {
  response.writeHead(200, { "content-type": type });
  if (method === "HEAD") {
    response.end();
    return;
  }
  response.flushHeaders();
  const detach = source.attach(new PieceWriter(response));
  response.once("close", detach);
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  type: string,
  body: string | Uint8Array,
): void {
  response.writeHead(200, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
  });
  response.end(method === "HEAD" ? undefined : body);
}

function say(response: ServerResponse, status: number, line: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${line}\n`);
}
