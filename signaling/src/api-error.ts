import type { FastifyInstance, FastifyReply } from "fastify";
import type { ApiError } from "#protocol";

/** Answer with the one form every error of the HTTP API has. */
export function sendError(
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
): FastifyReply {
  const body: ApiError = { error: { code, message } };
  return reply.code(status).header("cache-control", "no-store").send(body);
}

/** Unknown paths, malformed requests and our own failures, in the same form. */
export function setErrorAnswers(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, 404, "not-found", `nothing at ${request.url.slice(0, 200)}`),
  );
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return sendError(reply, status, "bad-request", error.message);
    app.log.error({ err: error }, "request failed");
    return sendError(
      reply,
      500,
      "internal",
      "something went wrong here; the server's log says what",
    );
  });
}
