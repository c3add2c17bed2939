import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Ladder } from "../ladder/ladder.ts";
import { LadderPackager } from "../ladder/ladder-packager.ts";
import { TsPackager } from "../packager/ts-packager.ts";
import type { Packager } from "../packager.ts";
import { publishKeyHash } from "../publish/publish-key.ts";
import { LIVE_AHEAD_MS, type Source, type SourceEvent } from "../source.ts";
import { describeFailure } from "../sources/describe-failure.ts";
import { EncoderGate } from "../sources/encoder-gate.ts";
import { listenError } from "../sources/listen-error.ts";
import type { HostAndPort } from "../sources/parse-address.ts";
import { DEFAULT_SILENCE_MS, guardSilence } from "../sources/silence.ts";
import { describeRemote } from "../sources/tcp-listen-source.ts";
import { serveRtmp } from "./rtmp-session.ts";

export type RtmpSourceOptions = {
  address: HostAndPort;
  /** The password, as it were. */
  streamKey: string;
  /** Path of the program. */
  ffmpeg: string;
  /** What picture and sound are encoded to. Default: they are passed on as they are. */
  ladder?: Ladder | undefined;
  /** How long an encoder may send nothing before it is given up, in ms. */
  silenceMs?: number;
  /** How long it may take to say what it publishes, in ms. Default 5000: ten round trips. */
  publishWithinMs?: number;
};

/** Encoders served at once, of which one can become live: each is a process. */
const ENCODERS_MAX = 4;

const WRONG_KEY = "wrong stream key";
const ONE_IS_LIVE = "one is live already";

/** An RTMP server for one encoder at a time that knows the stream key; the next one continues. */
export class RtmpSource implements Source {
  readonly aheadMs = LIVE_AHEAD_MS;
  readonly #options: RtmpSourceOptions;
  readonly #keyHash: string;

  /** @param name What to call it: without the stream key. */
  constructor(
    readonly name: string,
    options: RtmpSourceOptions,
  ) {
    this.#options = options;
    this.#keyHash = publishKeyHash(options.streamKey);
  }

  createPackager(options: { chunkMs: number }): Packager {
    const { ladder } = this.#options;
    return ladder === undefined ? new TsPackager(options) : new LadderPackager(ladder, options);
  }

  /** @throws {IngestError} `port-in-use` or `address-unavailable`, at the first pull. */
  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    if (signal.aborted) return;
    const gate = new EncoderGate(this.name);
    const encoders = new Map<Socket, Promise<void>>();
    const server = createServer({ keepAlive: true, noDelay: true }, (socket) => {
      if (signal.aborted || encoders.size >= ENCODERS_MAX) return socket.destroy();
      const served = this.#serve(socket, gate).finally(() => encoders.delete(socket));
      return encoders.set(socket, served);
    });
    const close = () => {
      server.close();
      for (const socket of encoders.keys()) socket.destroy();
    };
    signal.addEventListener("abort", close);
    try {
      yield { type: "waiting", message: await this.#listen(server) };
      yield* gate.events(signal);
    } finally {
      signal.removeEventListener("abort", close);
      close();
      await Promise.all(encoders.values());
    }
  }

  async #serve(socket: Socket, gate: EncoderGate): Promise<void> {
    const {
      ffmpeg,
      ladder,
      silenceMs = DEFAULT_SILENCE_MS,
      publishWithinMs = 5000,
    } = this.#options;
    const remote = describeRemote(socket);
    guardSilence(socket, silenceMs);
    // What nobody reads any more concerns nobody, and must not end the process.
    socket.on("error", () => {});
    try {
      await serveRtmp(socket, {
        ffmpeg,
        ladder,
        publishWithinMs,
        accept: (streamKey, media) => {
          if (publishKeyHash(streamKey) !== this.#keyHash) return WRONG_KEY;
          return gate.admit(media, remote) ? undefined : ONE_IS_LIVE;
        },
      });
    } catch (error) {
      if (!gate.isAttended) return;
      const why = describeFailure(error);
      // The gate has told that already.
      if (why === ONE_IS_LIVE) return;
      gate.warn(why === WRONG_KEY ? why : "failed", `refused an encoder, ${remote}: ${why}`);
    }
  }

  /** @returns What to say about it. */
  async #listen(server: Server): Promise<string> {
    try {
      server.listen(this.#options.address);
      await once(server, "listening");
    } catch (error) {
      throw listenError(this.name, error);
    }
    server.on("error", () => {});
    const address = server.address();
    const port = typeof address === "object" ? address?.port : address;
    return `waiting for an encoder on ${this.name.replace(/(:\d+)?(?=\/[^/]*\/\*\*\*$)/, `:${port}`)}`;
  }
}
