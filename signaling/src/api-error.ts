import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ApiError } from "#protocol";

type HttpError = Error & { statusCode?: number };

/** Answer with the one form every error of the HTTP API has. Readable from any site. */
export function sendError(
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
): FastifyReply {
  const body: ApiError = { error: { code, message } };
  return reply
    .code(status)
    .headers({ "cache-control": "no-store", "access-control-allow-origin": "*" })
    .send(body);
}

/** Malformed requests and our own failures. Fit for Fastify's `frameworkErrors` too. */
export function answerError(
  error: HttpError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status < 500) return sendError(reply, status, "bad-request", error.message);
  request.log.error({ err: error }, "request failed");
  return sendError(
    reply,
    status,
    "internal",
    "something went wrong here; the server's log says what",
  );
}

/** Every error of this server in the same form, unknown paths included. */
export function setErrorAnswers(app: FastifyInstance): void {
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, 404, "not-found", `nothing at ${request.url.slice(0, 200)}`),
  );
}
