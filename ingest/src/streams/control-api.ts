import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { IngestError, type IngestErrorCode } from "../ingest-error.ts";
import { refuse } from "../media-reply.ts";
import type { StreamHost } from "./stream-host.ts";
import { parseStream, type StatedOptions } from "./streams-file.ts";

export type ControlApiOptions = StatedOptions & {
  host: StreamHost;
  /** Answers those who may not; undefined on a server that only this machine reaches. */
  guard: ((request: FastifyRequest, reply: FastifyReply) => Promise<unknown>) | undefined;
};

/** Where the fault is whoever asked for it is told by the status (docs/streams.md). */
const STATUS: Partial<Record<IngestErrorCode, number>> = {
  "config-invalid": 400,
  "name-taken": 409,
  "key-taken": 409,
  "publish-key-taken": 409,
  "too-many-streams": 503,
  "stream-crashed": 500,
};

/** Streams come and go here while the process runs: `GET`, `POST` and `DELETE /streams`. */
export function addControlApi(app: FastifyInstance, options: ControlApiOptions): void {
  const { host, guard = refuseStrangePages } = options;
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    return guard(request, reply);
  });

  app.get("/streams", async () => host.reports);

  app.get<{ Params: { name: string } }>("/streams/:name", async (request, reply) => {
    return host.report(request.params.name) ?? unknownStream(reply);
  });

  app.post("/streams", async (request, reply) => {
    try {
      const report = await host.add(parseStream(request.body, options));
      return reply.code(201).header("location", `/streams/${report.name}`).send(report);
    } catch (error) {
      if (!(error instanceof IngestError)) throw error;
      return refuse(reply, STATUS[error.code] ?? 422, error.code, error.message);
    }
  });

  app.delete<{ Params: { name: string } }>("/streams/:name", async (request, reply) => {
    if (!(await host.remove(request.params.name))) return unknownStream(reply);
    return reply.code(204).send();
  });
}

function unknownStream(reply: FastifyReply): FastifyReply {
  return refuse(reply, 404, "unknown-stream", "there is no stream of that name here");
}

/**
 * Web pages reach servers of the machine they are shown on, by address or by a name that is made to
 * mean it (DNS rebinding). They are told by what browsers do not let them leave out.
 */
async function refuseStrangePages({ headers }: FastifyRequest, reply: FastifyReply) {
  const host = (headers.host ?? "").replace(/:\d+$/, "");
  if (headers.origin === undefined && /^(localhost|127\.[\d.]+|\[::1\])$/.test(host)) {
    return undefined;
  }
  return refuse(reply, 403, "not-for-pages", "web pages may not use the control API");
}
