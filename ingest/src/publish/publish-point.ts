import type { IncomingMessage } from "node:http";
import { finished } from "node:stream/promises";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ApiError } from "#protocol";
import { describeRemote } from "../sources/tcp-listen-source.ts";
import { EndlessRequests } from "./endless-requests.ts";
import { guardPace, type PaceOptions } from "./guard-pace.ts";
import { publishKeyHash } from "./publish-key.ts";
import { PublishSource } from "./publish-source.ts";

/** How long a refused encoder may take to read why, while it sends, in ms. */
const LINGER_MS = 1000;

/**
 * `PUT` or `POST /publish/:key`, where encoders push MPEG-TS as an endless body. What nobody asks
 * for yet stays in the socket, and holds the encoder back.
 */
export class PublishPoint {
  readonly #sources = new Map<string, PublishSource>();
  readonly #endless: EndlessRequests;
  readonly #pace: PaceOptions;

  constructor(app: FastifyInstance, pace: PaceOptions = {}) {
    this.#endless = new EndlessRequests(app.server);
    this.#pace = pace;
    app.register(async (routes) => {
      routes.removeAllContentTypeParsers();
      // The body is read from the socket, not by the server, whatever it is said to be.
      routes.addContentTypeParser("*", (_request, body, done) => done(null, body));
      routes.route<{ Params: { key: string } }>({
        method: ["PUT", "POST"],
        url: "/publish/:key",
        handler: ({ params, raw }, reply) => this.#take(params.key, raw, reply),
      });
    });
  }

  /** What is pushed with this key from now on. @param name Of the source, without the key. */
  source(key: string, name: string): PublishSource {
    const source = new PublishSource(name);
    this.#sources.set(publishKeyHash(key), source);
    return source;
  }

  /** Whether encoders are expected with this key. */
  has(key: string): boolean {
    return this.#sources.has(publishKeyHash(key));
  }

  /** The key is good for nothing any more. */
  remove(key: string): void {
    this.#sources.delete(publishKeyHash(key));
  }

  async #take(key: string, request: IncomingMessage, reply: FastifyReply): Promise<FastifyReply> {
    const source = this.#sources.get(publishKeyHash(key));
    if (source === undefined) {
      this.#warnOfWrongKey(request);
      return refuse(request, reply, 403, "wrong-key", "this publish key is not known here");
    }
    if (!source.gate.isAttended) {
      return refuse(request, reply, 503, "not-ready", "nobody takes this stream now");
    }
    if (!source.admit(request)) {
      return refuse(request, reply, 409, "encoder-live", "another encoder is live with this key");
    }
    guardPace(request, this.#pace);
    this.#endless.allow(request.socket);
    // Why an encoder went away, the source tells.
    await finished(request).catch(() => {});
    return reply.send({ ok: true });
  }

  #warnOfWrongKey(request: IncomingMessage): void {
    const message = `refused an encoder with a wrong publish key, ${describeRemote(request.socket)}`;
    for (const { gate } of this.#sources.values()) gate.warn("key", message);
  }
}

/** Answer before the body has come: read on for a moment, or the answer is lost with the rest. */
function refuse(
  request: IncomingMessage,
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
): FastifyReply {
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
  request.socket.once("close", () => clearTimeout(timer));
  request.resume();
  const body: ApiError = { error: { code, message } };
  return reply
    .code(status)
    .headers({ connection: "close", "cache-control": "no-store" })
    .send(body);
}
