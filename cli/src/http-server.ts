import { createSecureContext } from "node:tls";
import Fastify, { type FastifyInstance, LogController } from "fastify";
import { answerError, setErrorAnswers } from "#signaling";
import { limitConnections } from "./connection-limit.ts";
import type { Logger } from "./log.ts";
import { OPEN_SECURITY, type ServerSecurity } from "./server-security.ts";
import { UsageError } from "./usage-error.ts";

/** Time a client has to send its request, in ms: bounds what slow or stuck clients hold. */
const REQUEST_TIMEOUT_MS = 15_000;
/** How often Node looks for those that took longer, in ms; its own default is twice the time-out. */
const CHECK_MS = 1000;

/**
 * The HTTP server that tracker, origin and pages are put on.
 * @throws {UsageError} When certificate and key are none, or not of each other.
 */
export function createHttpServer(
  log: Logger,
  { tls, isBehindProxy }: Pick<ServerSecurity, "tls" | "isBehindProxy"> = OPEN_SECURITY,
  requestTimeoutMs = REQUEST_TIMEOUT_MS,
): FastifyInstance {
  if (tls !== undefined) checkCertificate(tls);
  const app = Fastify({
    ...(tls === undefined
      ? { http: { connectionsCheckingInterval: CHECK_MS } }
      : { https: { ...tls, connectionsCheckingInterval: CHECK_MS } }),
    trustProxy: isBehindProxy,
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // Browsers keep connections open; a stop does not wait for them.
    forceCloseConnections: true,
    requestTimeout: requestTimeoutMs,
    bodyLimit: 64 * 1024,
    routerOptions: { maxParamLength: 128 },
    frameworkErrors: answerError,
  }) as unknown as FastifyInstance;
  // Behind a proxy every connection has the proxy's address; it is there that they are bounded.
  if (!isBehindProxy) limitConnections(app.server);
  setErrorAnswers(app);
  return app;
}

/** Node would only say so to the first visitor. */
function checkCertificate(tls: { cert: string; key: string }): void {
  try {
    createSecureContext(tls);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--tls-cert and --tls-key do not make HTTPS: ${problem}`, { cause });
  }
}

/**
 * @param option The one that moves the port; the one of the address has `-host` for `-port`.
 * @returns The port, which the system chose if it was 0.
 * @throws {UsageError} When the address cannot be had.
 */
export async function listen(
  app: FastifyInstance,
  host: string,
  port: number,
  option = "--port",
): Promise<number> {
  try {
    // With "localhost" Fastify opens a second server, which socket.io would not be on.
    await app.listen({ host: host === "localhost" ? "127.0.0.1" : host, port });
  } catch (cause) {
    throw listenFailure(cause, host, port, option);
  }
  const address = app.server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

function listenFailure(cause: unknown, host: string, port: number, option: string): unknown {
  switch (cause instanceof Error && "code" in cause ? cause.code : undefined) {
    case "EADDRINUSE":
      return new UsageError(
        `port ${port} on ${host} is in use; stop what uses it or choose another with ${option}`,
        { cause },
      );
    case "EACCES":
      return new UsageError(
        `port ${port} needs more rights; choose one above 1023 with ${option}`,
        {
          cause,
        },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new UsageError(
        `${host} is no address of this machine; ${option.replace("port", "host")} takes one, or 0.0.0.0 for all`,
        { cause },
      );
    default:
      return cause;
  }
}
