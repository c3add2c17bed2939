import { EventEmitter, once } from "node:events";
import { createReadStream } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { RateLimiter } from "./rate-limiter.ts";

export type MediaServerOptions = {
  file: string;
  /** Undefined: as fast as ingest takes it, which is the media's own pace. */
  bytesPerSecond: number | undefined;
  /** Start over at the end, for ever. */
  isLooped: boolean;
  /** One line for people. */
  log: (message: string) => void;
};

/** One MPEG-TS datagram of a slow stream; of a fast one what is little beside its chunks. */
const MIN_PIECE_BYTES = 7 * 188;
const MAX_PIECE_BYTES = 8 * 1024;
const PIECES_PER_SECOND = 50;

/**
 * Sends a file to whoever connects, like `nc` behind a rate limit: one at a time, from the start,
 * and then it is over. Nothing goes that was not allowed; {@link release} allows all.
 */
export class MediaServer {
  /** Settles when the file was sent to its end. */
  readonly done: Promise<void>;
  readonly #options: MediaServerOptions;
  readonly #server: Server;
  readonly #allowance = new EventEmitter();
  #allowedBytes = 0;
  #client: Socket | undefined;
  #finished: () => void = () => {};

  constructor(options: MediaServerOptions) {
    this.#options = options;
    this.done = new Promise((resolve) => {
      this.#finished = resolve;
    });
    this.#server = createServer((socket) => void this.#serve(socket));
  }

  /** @returns The port, which the system chose if it was 0. */
  async listen(port: number): Promise<number> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  release(): void {
    this.allow(Number.POSITIVE_INFINITY);
  }

  /** Lets this much more of the file go, roughly. */
  allow(byteCount: number): void {
    this.#allowedBytes += byteCount;
    this.#allowance.emit("more");
  }

  close(): void {
    this.#server.close();
    this.#client?.destroy();
  }

  async #serve(socket: Socket): Promise<void> {
    socket.on("error", () => {});
    if (this.#client !== undefined) {
      socket.destroy();
      return;
    }
    this.#client = socket;
    this.#options.log("media: ingest is connected");
    const isComplete = await this.#send(socket).catch((error: unknown) => {
      this.#options.log(`media: ${error instanceof Error ? error.message : error}`);
      return false;
    });
    this.#client = undefined;
    if (!isComplete) return;
    // Nobody is to get it a second time: ingest would take that for an encoder that came back.
    this.#server.close();
    this.#options.log("media: sent to its end");
    this.#finished();
  }

  /** Whether the client took everything. */
  async #send(socket: Socket): Promise<boolean> {
    const { file, bytesPerSecond, isLooped } = this.#options;
    const limiter = new RateLimiter(bytesPerSecond ?? Number.POSITIVE_INFINITY);
    const highWaterMark = pieceBytes(bytesPerSecond);
    const gone = new AbortController();
    socket.once("close", () => gone.abort());
    let sentBytes = 0;
    let hasBytes: boolean;
    do {
      hasBytes = false;
      for await (const piece of createReadStream(file, { highWaterMark })) {
        const bytes = piece as Buffer;
        while (sentBytes >= this.#allowedBytes && !gone.signal.aborted) {
          await once(this.#allowance, "more", { signal: gone.signal }).catch(() => {});
        }
        const waitMs = limiter.waitMs(bytes.length, performance.now());
        if (waitMs > 0) await delay(waitMs, undefined, { signal: gone.signal }).catch(() => {});
        if (!socket.write(bytes) && !gone.signal.aborted) {
          await once(socket, "drain", { signal: gone.signal }).catch(() => {});
        }
        if (gone.signal.aborted) return false;
        hasBytes = true;
        sentBytes += bytes.length;
      }
    } while (isLooped && hasBytes);
    socket.end();
    await once(socket, "close").catch(() => {});
    return true;
  }
}

function pieceBytes(bytesPerSecond = Number.POSITIVE_INFINITY): number {
  const bytes = Math.ceil(bytesPerSecond / PIECES_PER_SECOND);
  return Math.min(MAX_PIECE_BYTES, Math.max(MIN_PIECE_BYTES, bytes));
}
