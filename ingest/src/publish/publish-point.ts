import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { FastifyInstance, FastifyReply } from "fastify";
import { type ApiError, PUBLISH_CLOSE, type PublishGreeting, type StreamId } from "#protocol";
import { describeRemote } from "../sources/tcp-listen-source.ts";
import { EndlessRequests } from "./endless-requests.ts";
import { guardPace, type PaceOptions } from "./guard-pace.ts";
import { publishKeyHash } from "./publish-key.ts";
import { refuseSocket, type SocketEncoder, takePublishSockets } from "./publish-socket.ts";
import { PublishSource } from "./publish-source.ts";

/** How long a refused encoder may take to read why, while it sends, in ms. */
const LINGER_MS = 1000;

type Refusal = "wrongKey" | "notReady" | "encoderLive";

const REFUSALS: Record<Refusal, { status: number; code: string; message: string }> = {
  wrongKey: { status: 403, code: "wrong-key", message: "this publish key is not known here" },
  notReady: { status: 503, code: "not-ready", message: "nobody takes this stream now" },
  encoderLive: {
    status: 409,
    code: "encoder-live",
    message: "another encoder is live with this key",
  },
};

/**
 * `PUT` or `POST /publish/:key`, where encoders push MPEG-TS, MP4 in fragments, Matroska or WebM as an
 * endless body, or as the messages of a WebSocket. What nobody asks for yet stays in the socket, and
 * holds the encoder back.
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
    takePublishSockets(app.server, (key, encoder) => this.#takeSocket(key, encoder));
  }

  /** What is pushed with this key from now on. @param name Of the source, without the key. */
  source(key: string, name: string): PublishSource {
    const source = new PublishSource(name);
    this.#sources.set(publishKeyHash(key), source);
    return source;
  }

  /** Tells encoders on a WebSocket which stream theirs becomes. */
  nameStream(key: string, streamId: StreamId): void {
    const source = this.#sources.get(publishKeyHash(key));
    if (source !== undefined) source.streamId = streamId;
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
    const refusal = this.#admit(key, request, request.socket);
    if (refusal !== undefined) return refuse(request, reply, refusal);
    this.#endless.allow(request.socket);
    // Why an encoder went away, the source tells.
    await finished(request).catch(() => {});
    return reply.send({ ok: true });
  }

  #takeSocket(key: string, encoder: SocketEncoder): void {
    const refusal = this.#admit(key, encoder.bytes, encoder.request.socket);
    if (refusal !== undefined) {
      refuseSocket(encoder, PUBLISH_CLOSE[refusal], REFUSALS[refusal].message);
      return;
    }
    const streamId = this.#sources.get(publishKeyHash(key))?.streamId;
    if (streamId === undefined) return;
    const greeting: PublishGreeting = { streamId };
    encoder.socket.send(JSON.stringify(greeting));
  }

  /** Let an encoder in. @returns Why not. */
  #admit(key: string, bytes: Readable, socket: Socket): Refusal | undefined {
    const source = this.#sources.get(publishKeyHash(key));
    if (source === undefined) {
      const message = `refused an encoder with a wrong publish key, ${describeRemote(socket)}`;
      for (const { gate } of this.#sources.values()) gate.warn("key", message);
      return "wrongKey";
    }
    if (!source.gate.isAttended) return "notReady";
    if (!source.admit(bytes, socket)) return "encoderLive";
    guardPace(bytes, socket, this.#pace);
    return undefined;
  }
}

/** Answer before the body has come: read on for a moment, or the answer is lost with the rest. */
function refuse(request: IncomingMessage, reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status, code, message } = REFUSALS[refusal];
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
  request.socket.once("close", () => clearTimeout(timer));
  request.resume();
  const body: ApiError = { error: { code, message } };
  return reply
    .code(status)
    .headers({ connection: "close", "cache-control": "no-store" })
    .send(body);
}
