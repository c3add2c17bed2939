import { isIP } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import * as z from "zod/mini";
import { type HttpAccessOptions, requireAccess } from "../access/http-access.ts";
import { sendError } from "../api-error.ts";
import { type ControlRoute, controlRoutes } from "./control-routes.ts";
import { openApi } from "./open-api.ts";
import type { Watch } from "./watch.ts";

// `zod/mini` says no more than "Invalid input" by itself.
z.config(z.locales.en());

export const CONTROL_PREFIX = "/api/control";

export type ControlApiOptions = HttpAccessOptions & { watch: Watch };

/**
 * What an operator sees and changes, as JSON over HTTP. Needs what `admin` needs; where nothing is
 * protected, it is for this machine and its own pages.
 */
export async function controlApi(app: FastifyInstance, options: ControlApiOptions): Promise<void> {
  const guard = requireAccess(options, "admin");
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    if (options.access.protects("admin")) return guard(request, reply);
    return refuseStrangePages(request, reply);
  });
  const routes = controlRoutes(options.watch);
  const description = openApi(routes, CONTROL_PREFIX);
  app.get(`${CONTROL_PREFIX}/openapi.json`, async () => description);
  for (const route of routes) {
    app.route({
      method: route.method,
      url: CONTROL_PREFIX + route.path,
      handler: async (request, reply) => answer(route, request, reply),
    });
  }
}

function answer(route: ControlRoute, request: FastifyRequest, reply: FastifyReply): unknown {
  const query = read(z.object(route.query ?? {}), request.query, "the query");
  if ("problem" in query) return sendError(reply, 400, "bad-request", query.problem);
  const body = route.body === undefined ? NOTHING : read(route.body, request.body, "the body");
  if ("problem" in body) return sendError(reply, 400, "bad-request", body.problem);
  const asked = {
    params: request.params as Record<string, string>,
    query: query.value as Record<string, unknown>,
    body: body.value,
  };
  let found: unknown;
  try {
    found = route.act(asked);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return sendError(reply, 409, "not-possible", error.message);
  }
  if (found === undefined) return notThere(asked.params, reply);
  return route.answer === undefined ? reply.type("text/csv; charset=utf-8").send(found) : found;
}

const NOTHING = { value: undefined };

function read(
  schema: z.ZodMiniType,
  value: unknown,
  where: string,
): { value: unknown } | { problem: string } {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  const [issue] = result.error.issues;
  const path = issue?.path.join(".") ?? "";
  return { problem: `${where}${path === "" ? "" : `, ${path}`}: ${issue?.message ?? "malformed"}` };
}

function notThere(params: Record<string, string>, reply: FastifyReply): FastifyReply {
  if (params.peer === undefined) {
    return sendError(reply, 404, "unknown-stream", "no stream with this id is published here");
  }
  return sendError(
    reply,
    404,
    "unknown-peer",
    "no such peer, or it has not told anything yet: ask for the mesh, and again after 2 s",
  );
}

/**
 * Where nobody is asked for a token, web pages of others must not reach the API through the browser of
 * whoever sits at this machine: not from their own address, and not by a name that is made to mean ours.
 */
async function refuseStrangePages(
  { headers }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const { host = "", origin } = headers;
  const name = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  const isOurs = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
  if (isOurs && (name === "localhost" || isIP(name) > 0)) return undefined;
  return sendError(
    reply,
    403,
    "not-for-pages",
    "without --token-key this is for pages of this server alone, reached by localhost or by its IP address",
  );
}
