import type { FastifyReply, FastifyRequest } from "fastify";
import type { ApiError } from "#protocol";

const IMMUTABLE = "public, max-age=31536000, immutable";

/** @property tag Names the bytes among all that this address ever had. */
type Named = { type: string; bytes: Uint8Array; tag: string };

/** An answer that never changes. */
export function sendForever(
  request: FastifyRequest,
  reply: FastifyReply,
  named: Named,
): FastifyReply {
  return send(request, reply.header("cache-control", IMMUTABLE), named);
}

/** An answer that may be another the next time: caches ask whether it still is. */
export function sendForNow(
  request: FastifyRequest,
  reply: FastifyReply,
  named: Named,
): FastifyReply {
  return send(request, reply.header("cache-control", "no-cache"), named);
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { type, bytes, tag }: Named,
): FastifyReply {
  const etag = `"${tag}"`;
  reply.headers({ "accept-ranges": "bytes", etag }).type(type);
  if (request.headers["if-none-match"] === etag) return reply.code(304).send();
  const ifRange = request.headers["if-range"];
  const wanted = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
  const range = parseRange(wanted, bytes.length);
  if (range === "everything") return reply.send(bytes);
  if (range === "nothing") {
    reply.header("content-range", `bytes */${bytes.length}`).type("application/json");
    return refuse(reply, 416, "no-such-range", `bytes 0 to ${bytes.length - 1} are here`);
  }
  const { first, last } = range;
  return reply
    .code(206)
    .header("content-range", `bytes ${first}-${last}/${bytes.length}`)
    .send(bytes.subarray(first, last + 1));
}

type Range = { first: number; last: number } | "everything" | "nothing";

/** One range (RFC 9110, 14.2); of several, or of what we do not understand, all is sent. */
export function parseRange(header: string | undefined, sizeBytes: number): Range {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  const [, from = "", to = ""] = match ?? [];
  if (match === null || (from === "" && to === "")) return "everything";
  if (from === "") {
    const count = Math.min(Number(to), sizeBytes);
    return count === 0 ? "nothing" : { first: sizeBytes - count, last: sizeBytes - 1 };
  }
  const first = Number(from);
  const last = Math.min(to === "" ? sizeBytes - 1 : Number(to), sizeBytes - 1);
  if (to !== "" && Number(to) < first) return "everything";
  return first >= sizeBytes ? "nothing" : { first, last };
}

export function refuse(
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
): FastifyReply {
  const body: ApiError = { error: { code, message } };
  return reply.code(status).header("cache-control", "no-store").send(body);
}

export function unknown(reply: FastifyReply, what: string): FastifyReply {
  const code = `unknown-${what.replaceAll(" ", "-")}`;
  return refuse(reply, 404, code, `no such ${what} here, or no longer`);
}
