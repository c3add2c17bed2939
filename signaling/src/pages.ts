import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isStreamId } from "#protocol";
import { type HttpAccessOptions, mayDo } from "./access/http-access.ts";
import { sendError } from "./api-error.ts";
import { apiStream } from "./http-api.ts";
import type { Registry } from "./registry.ts";
import { oembedAnswer, type PageStream, publicUrl, withStreamTags } from "./stream-page.ts";

/** Everything but who may frame the page. */
const POLICY = [
  // Players fetch from origins and trackers elsewhere, and show their pictures; MediaSource needs
  // blob:, web components bring inline styles. Scripts only ever come from this server.
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob: http: https:",
  "media-src 'self' blob: http: https:",
  "worker-src 'self' blob:",
  "connect-src 'self' ws: wss: http: https:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
];

const PAGE_HEADERS = {
  "content-security-policy": [...POLICY, "frame-ancestors 'self'"].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "strict-origin-when-cross-origin",
  "cross-origin-opener-policy": "same-origin",
  // `livemesh-player.js` and what it loads are for other people's pages too.
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
} as const;

/** For the one page that is made to be framed, by any site. */
const EMBED_POLICY = [...POLICY, "frame-ancestors *"].join("; ");

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>livemesh</title>
<p>The pages are not built yet. Run <code>npm run build</code> in the livemesh folder and start again.
The API is at <a href="/api/streams">/api/streams</a>.</p>
</html>
`;

export type PagesOptions = HttpAccessOptions & {
  /** Where the built pages are. */
  directory: string;
  registry: Registry;
};

type StreamParams = { Params: { id: string } };

/**
 * The built pages: `/` is `index.html`, `/watch/:id`, `/embed/:id`, `/broadcast` and `/dashboard` the files of these
 * names. File names under `/assets/` carry a hash, so they may be kept for ever; everything else is
 * asked for anew.
 */
export async function pages(app: FastifyInstance, options: PagesOptions): Promise<void> {
  const { directory } = options;
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(PAGE_HEADERS);
  });
  addOembed(app, options);
  if (!existsSync(join(directory, "index.html"))) {
    const explain = async (_request: unknown, reply: FastifyReply) =>
      reply.code(503).type("text/html; charset=utf-8").send(NOT_BUILT);
    for (const path of ["/", "/watch/:id", "/embed/:id", "/broadcast", "/dashboard"])
      app.get(path, explain);
    return;
  }
  await app.register(fastifyStatic, {
    root: directory,
    index: ["index.html"],
    cacheControl: false,
    // The `.br` and `.gz` that the build left beside the texts.
    preCompressed: true,
    setHeaders: (response, path) => {
      const isHashed = path.startsWith(join(directory, "assets"));
      response.setHeader(
        "cache-control",
        isHashed ? "public, max-age=31536000, immutable" : "no-cache",
      );
    },
  });
  const watchPage = readFileSync(join(directory, "watch.html"), "utf8");
  app.get<StreamParams>("/watch/:id", async (request, reply) => {
    const stream = await findStream(options, request, request.params.id);
    if (stream === undefined) return reply.sendFile("watch.html");
    const page = withStreamTags(watchPage, stream, publicUrl(request, options.isBehindProxy));
    return reply.header("cache-control", "no-cache").type("text/html; charset=utf-8").send(page);
  });
  app.get("/embed/:id", async (_request, reply) =>
    reply.header("content-security-policy", EMBED_POLICY).sendFile("embed.html"),
  );
  app.get("/broadcast", async (_request, reply) => reply.sendFile("broadcast.html"));
  app.get("/dashboard", async (_request, reply) => reply.sendFile("dashboard.html"));
}

/** How sites turn a pasted watch URL into a player (oEmbed 1.0). */
function addOembed(app: FastifyInstance, options: PagesOptions): void {
  app.get("/oembed", async (request, reply) => {
    const { url, format, maxwidth, maxheight } = request.query as Record<string, unknown>;
    if (format !== undefined && format !== "json") {
      return sendError(reply, 501, "no-such-format", "only format=json is spoken here");
    }
    const streamId =
      typeof url === "string" ? /\/(?:watch|embed)\/([a-z2-7]{32})/.exec(url)?.[1] : "";
    const stream = await findStream(options, request, streamId ?? "");
    if (stream === undefined) {
      return sendError(
        reply,
        404,
        "unknown-stream",
        "url is no watch page of a stream published here",
      );
    }
    const bounds = { maxWidth: pixels(maxwidth), maxHeight: pixels(maxheight) };
    return oembedAnswer(stream, publicUrl(request, options.isBehindProxy), bounds);
  });
}

/** What whoever asks may know of a stream. */
async function findStream(
  { registry, ...access }: PagesOptions,
  request: FastifyRequest,
  id: string,
): Promise<PageStream | undefined> {
  const entry = isStreamId(id) ? registry.stream(id) : undefined;
  if (entry === undefined) return undefined;
  const isAllowed = await mayDo(access, "watch", request, entry.descriptor.streamId);
  return isAllowed ? apiStream(entry) : undefined;
}

/** A size somebody asked for; nonsense is as good as nothing. */
function pixels(text: unknown): number | undefined {
  return typeof text === "string" && /^\d{2,5}$/.test(text) ? Number(text) : undefined;
}
