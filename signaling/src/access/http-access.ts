import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isStreamId, type StreamId } from "#protocol";
import { addressOf } from "../address-limit.ts";
import { sendError } from "../api-error.ts";
import type { Access, AccessRequest, Action, Verdict } from "./access.ts";

const COOKIE = "livemesh-token";
/** Longer ones are no tokens of ours; bounds what is parsed and remembered. */
const TOKEN_MAX_LENGTH = 2048;

export type HttpAccessOptions = {
  access: Access;
  /** Believe `x-forwarded-for`. */
  isBehindProxy: boolean;
};

/**
 * A hook that lets a request through only with what the action needs: an `authorization: Bearer`
 * header, `?token=`, or the cookie that {@link guardOrigin} gave. For every HTTP API of livemesh.
 */
export function requireAccess(
  { access, isBehindProxy }: HttpAccessOptions,
  action: Action,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  return async (request, reply) => {
    if (!access.protects(action)) return undefined;
    const verdict = await access.check(httpRequest(request, action, isBehindProxy));
    return verdict.ok ? undefined : sendRefusal(request, reply, verdict);
  };
}

/** Whether a request may do something; for answers that depend on it. */
export async function mayDo(
  { access, isBehindProxy }: HttpAccessOptions,
  action: Action,
  request: FastifyRequest,
  streamId?: StreamId,
): Promise<boolean> {
  if (!access.protects(action)) return true;
  const asked = { ...httpRequest(request, action, isBehindProxy), streamId };
  return (await access.check(asked)).ok;
}

/**
 * Protect what an origin serves below `/streams/:id`. Players of HLS lose the query of the first
 * playlist on their way to the next, so a token shown in one becomes a cookie for that stream.
 */
export function guardOrigin(app: FastifyInstance, options: HttpAccessOptions): void {
  if (!options.access.protects("watch")) return;
  const check = requireAccess(options, "watch");
  const isOrigin = (request: FastifyRequest) => request.url.startsWith("/streams/");
  app.addHook("onRequest", async (request, reply) => {
    if (!isOrigin(request)) return undefined;
    const refused = await check(request, reply);
    const shown = queryToken(request);
    if (refused === undefined && shown !== undefined) {
      const secure = request.protocol === "https" ? "; Secure" : "";
      const path = request.url.split("/").slice(0, 3).join("/");
      reply.header(
        "set-cookie",
        `${COOKIE}=${shown}; Path=${path}; HttpOnly; SameSite=Lax${secure}`,
      );
    }
    return refused;
  });
  // A cache in front would hand to everybody what one viewer was allowed.
  app.addHook("onSend", async (request, reply) => {
    const cacheControl = reply.getHeader("cache-control");
    if (!isOrigin(request) || typeof cacheControl !== "string") return;
    reply.header(
      "cache-control",
      cacheControl.replace("public", "private").replace(/, s-maxage=\d+/, ""),
    );
  });
}

function httpRequest(
  request: FastifyRequest,
  action: Action,
  isBehindProxy: boolean,
): AccessRequest {
  const { id } = (request.params ?? {}) as { id?: string };
  return {
    action,
    token: bearerToken(request) ?? queryToken(request) ?? cookieToken(request),
    streamId: id !== undefined && isStreamId(id) ? id : undefined,
    address: addressOf(request.raw, isBehindProxy),
    origin: request.headers.origin,
  };
}

function bearerToken({ headers }: FastifyRequest): string | undefined {
  return bounded(/^Bearer ([\w.~+/=-]+)$/i.exec(headers.authorization ?? "")?.[1]);
}

function queryToken({ query }: FastifyRequest): string | undefined {
  const { token } = (query ?? {}) as { token?: unknown };
  return typeof token === "string" && /^[\w.~-]+$/.test(token) ? bounded(token) : undefined;
}

function cookieToken({ headers }: FastifyRequest): string | undefined {
  return bounded(new RegExp(`(?:^|; )${COOKIE}=([\\w.~-]+)`).exec(headers.cookie ?? "")?.[1]);
}

function bounded(token: string | undefined): string | undefined {
  return token !== undefined && token.length <= TOKEN_MAX_LENGTH ? token : undefined;
}

function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  verdict: Extract<Verdict, { ok: false }>,
): FastifyReply {
  const hasShown = bearerToken(request) ?? queryToken(request) ?? cookieToken(request);
  reply.header("www-authenticate", 'Bearer realm="livemesh"');
  return sendError(reply, hasShown === undefined ? 401 : 403, "not-allowed", verdict.message);
}
