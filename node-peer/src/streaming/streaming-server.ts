import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer, METHODS } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { NodePeerError } from "../node-peer-error.ts";
import type { PeerLog } from "../peer-log.ts";
import { PieceWriter } from "../restream/piece-writer.ts";
import type { Restreamer } from "../restream/restreamer.ts";
import { SegmentList } from "./segment-list.ts";
import { StreamingRoutes } from "./streaming-routes.ts";

export type StreamingServerOptions = {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  restreamer: Restreamer;
  log: PeerLog;
};

/** Connections held at once: each may have megabytes waiting. */
const CLIENTS_MAX = 200;
/** Who says nothing for this long, in ms, is no HTTP client but waits for the stream. */
const SILENCE_MS = 300;
/** An HTTP client has this long to ask, in ms. */
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * Gives the stream to players on one TCP port: over HTTP to those who ask in HTTP, and as a bare
 * transport stream to all others (`tcp://` in players).
 */
export class StreamingServer {
  readonly #options: StreamingServerOptions;
  readonly #segments = new SegmentList();
  readonly #http: HttpServer;
  readonly #tcp: Server;
  readonly #sockets = new Set<Socket>();

  /** @throws {NodePeerError} `port-in-use`, `address-unavailable` */
  static async listen(options: StreamingServerOptions): Promise<StreamingServer> {
    const server = new StreamingServer(options);
    await server.#listen();
    return server;
  }

  private constructor(options: StreamingServerOptions) {
    this.#options = options;
    const { restreamer } = options;
    const routes = new StreamingRoutes(restreamer, this.#segments);
    this.#http = createHttpServer((request, response) => {
      request.socket.setTimeout(0);
      routes.answer(request, response);
    });
    this.#tcp = createServer((socket) => this.#admit(socket));
    restreamer.ts.attach(this.#segments);
  }

  get port(): number {
    const address = this.#tcp.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  get clientCount(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    const closed = once(this.#tcp, "close");
    this.#tcp.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #listen(): Promise<void> {
    const { host, port } = this.#options;
    try {
      this.#tcp.listen(port, host);
      await once(this.#tcp, "listening");
    } catch (cause) {
      throw listenFailure(cause, host, port);
    }
  }

  #admit(socket: Socket): void {
    if (this.#sockets.size >= CLIENTS_MAX) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    // Clients go as they like; "close" follows.
    socket.on("error", () => {});
    const timer = setTimeout(() => begin(undefined), SILENCE_MS);
    const begin = (firstBytes: Buffer | undefined) => {
      clearTimeout(timer);
      socket.off("data", begin);
      if (firstBytes !== undefined && looksLikeHttp(firstBytes)) this.#toHttp(socket, firstBytes);
      else this.#toTs(socket);
    };
    socket.on("data", begin);
  }

  #toHttp(socket: Socket, firstBytes: Buffer): void {
    // The HTTP server does not listen itself, and so does not count the time either.
    socket.setTimeout(REQUEST_TIMEOUT_MS, () => socket.destroy());
    socket.pause();
    socket.unshift(firstBytes);
    this.#http.emit("connection", socket);
    socket.resume();
  }

  #toTs(socket: Socket): void {
    const { log, restreamer } = this.#options;
    log.debug({ from: socket.remoteAddress }, "player connected");
    // Whatever it says is not listened to, but has to be read.
    socket.resume();
    socket.once("close", restreamer.ts.attach(new PieceWriter(socket)));
  }
}

/** As much of a method as has come. */
function looksLikeHttp(bytes: Buffer): boolean {
  const text = bytes.subarray(0, 32).toString("latin1");
  return METHODS.some((method) => text.startsWith(`${method} `) || `${method} `.startsWith(text));
}

function listenFailure(cause: unknown, host: string, port: number): NodePeerError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE" || code === "EACCES") {
    return new NodePeerError(
      "port-in-use",
      `port ${port} on ${host} cannot be had; stop what uses it or choose another with --streaming-port`,
      { cause },
    );
  }
  return new NodePeerError(
    "address-unavailable",
    `${host} is no address of this machine; --streaming-host takes one, or 0.0.0.0 for all`,
    { cause },
  );
}
