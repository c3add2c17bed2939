import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";

const PAGE_HEADERS = {
  // Players fetch from origins and trackers elsewhere; MediaSource needs blob:, web components
  // bring inline styles. Scripts only ever come from this server.
  "content-security-policy": [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "worker-src 'self' blob:",
    "connect-src 'self' ws: wss: http: https:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "strict-origin-when-cross-origin",
  "cross-origin-opener-policy": "same-origin",
  // `livemesh-player.js` and what it loads are for other people's pages too.
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
} as const;

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>livemesh</title>
<p>The pages are not built yet. Run <code>npm run build</code> in the livemesh folder and start again.
The API is at <a href="/api/streams">/api/streams</a>.</p>
</html>
`;

/**
 * The built pages: `/` is `index.html`, `/watch/:id` is `watch.html`. File names under `/assets/`
 * carry a hash, so they may be kept for ever; everything else is asked for anew.
 */
export async function pages(
  app: FastifyInstance,
  { directory }: { directory: string },
): Promise<void> {
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(PAGE_HEADERS);
  });
  if (!existsSync(join(directory, "index.html"))) {
    const explain = async (_request: unknown, reply: FastifyReply) =>
      reply.code(503).type("text/html; charset=utf-8").send(NOT_BUILT);
    app.get("/", explain);
    app.get("/watch/:id", explain);
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
  app.get("/watch/:id", async (_request, reply) => reply.sendFile("watch.html"));
}
