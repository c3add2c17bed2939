import type { FastifyInstance } from "fastify";

/** Which web pages may talk to this server; undefined is any. */
export type AllowedOrigins = readonly string[] | undefined;

/**
 * Whether a page of this origin may. Programs that are no browser name none: they are not
 * what an allow-list is against, tokens are.
 */
export function isAllowedOrigin(allowed: AllowedOrigins, origin: string | undefined): boolean {
  return allowed === undefined || origin === undefined || allowed.includes(origin);
}

/**
 * Let only pages of these origins read what this server answers, the server's own pages aside
 * (they are of the same origin, and need no permission). Every route opens itself to any page;
 * this takes it back in one place.
 */
export function limitOrigins(app: FastifyInstance, allowed: AllowedOrigins): void {
  if (allowed === undefined) return;
  app.addHook("onSend", async (request, reply) => {
    if (!reply.hasHeader("access-control-allow-origin")) return;
    const { origin } = request.headers;
    reply.header("vary", "origin");
    if (origin !== undefined && allowed.includes(origin)) {
      reply.header("access-control-allow-origin", origin);
    } else {
      reply.removeHeader("access-control-allow-origin");
    }
  });
}
