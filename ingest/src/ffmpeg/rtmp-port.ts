import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { IngestError } from "../ingest-error.ts";
import { publishKeyHash } from "../publish/publish-key.ts";
import { describeFailure } from "../sources/describe-failure.ts";
import type { EncoderGate } from "../sources/encoder-gate.ts";
import { listenError } from "../sources/listen-error.ts";
import type { HostAndPort } from "../sources/parse-address.ts";
import { DEFAULT_SILENCE_MS, guardSilence } from "../sources/silence.ts";
import { describeRemote } from "../sources/tcp-listen-source.ts";
import { serveRtmp } from "./rtmp-session.ts";

/** Where the encoder of one stream key goes in. */
export type RtmpDoor = {
  /** Of its source, for errors: without the stream key. */
  name: string;
  streamKey: string;
  gate: EncoderGate;
};

export type RtmpPortOptions = {
  /** Path of the program. */
  ffmpeg: string;
  /** How long an encoder may send nothing before it is given up, in ms. */
  silenceMs?: number | undefined;
  /** How long it may take to say what it publishes, in ms. Default 5000: ten round trips. */
  publishWithinMs?: number | undefined;
};

export type OpenDoor = {
  /** As the system gave it. */
  port: number;
  /** Nobody comes in any more, and nobody is left in. */
  close(): Promise<void>;
};

/** Encoders served at once for each stream key, of which one can become live: each is a process. */
const ENCODERS_MAX = 4;

const WRONG_KEY = "wrong stream key";
const ONE_IS_LIVE = "one is live already";

/** Ports this process listens on, by address. */
const ports = new Map<string, Promise<RtmpPort>>();

/**
 * Lets encoders with this stream key in. Streams of one process share a port: the first opens it,
 * and with the last it is closed.
 * @throws {IngestError} `port-in-use`, `address-unavailable`; `publish-key-taken` when another
 * stream has the key there.
 */
export async function openRtmpDoor(
  door: RtmpDoor,
  { host, port }: HostAndPort,
  options: RtmpPortOptions,
): Promise<OpenDoor> {
  const place = `${host}:${port}`;
  const shared = port === 0 ? undefined : ports.get(place);
  const opening = shared ?? RtmpPort.listen(door.name, { host, port }, options);
  if (shared === undefined && port !== 0) {
    ports.set(place, opening);
    opening.catch(() => ports.delete(place));
  }
  const opened = await opening;
  // The last of the others left while we came.
  if (opened.isClosed) return openRtmpDoor(door, { host, port }, options);
  opened.add(door);
  return {
    port: opened.port,
    async close() {
      // Before anything is waited for: whoever comes next opens the port anew.
      if (opened.isLast(door) && ports.get(place) === opening) ports.delete(place);
      await opened.remove(door);
    },
  };
}

/** An RTMP server whose encoders are told apart by their stream keys. */
class RtmpPort {
  readonly #server: Server;
  readonly #options: RtmpPortOptions;
  /** By the hash of the key: how long a comparison takes tells nothing of it. */
  readonly #doors = new Map<string, RtmpDoor>();
  readonly #encoders = new Map<Socket, { served: Promise<void>; door: RtmpDoor | undefined }>();

  static async listen(
    name: string,
    address: HostAndPort,
    options: RtmpPortOptions,
  ): Promise<RtmpPort> {
    const server = createServer({ keepAlive: true, noDelay: true });
    try {
      server.listen(address);
      await once(server, "listening");
    } catch (error) {
      throw listenError(name, error);
    }
    return new RtmpPort(server, options);
  }

  private constructor(server: Server, options: RtmpPortOptions) {
    this.#server = server;
    this.#options = options;
    server.on("error", () => {});
    server.on("connection", (socket: Socket) => this.#take(socket));
  }

  get isClosed(): boolean {
    return !this.#server.listening;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  }

  /** @throws {IngestError} `publish-key-taken` */
  add(door: RtmpDoor): void {
    const hash = publishKeyHash(door.streamKey);
    if (this.#doors.has(hash)) {
      const problem = "another stream has this stream key on the same port";
      throw new IngestError("publish-key-taken", `${door.name}: ${problem}`);
    }
    this.#doors.set(hash, door);
  }

  isLast(door: RtmpDoor): boolean {
    return [...this.#doors.values()].every((other) => other === door);
  }

  async remove(door: RtmpDoor): Promise<void> {
    const isLast = this.isLast(door);
    this.#doors.delete(publishKeyHash(door.streamKey));
    if (isLast) this.#server.close();
    const leaving = [...this.#encoders].filter(([, encoder]) => isLast || encoder.door === door);
    for (const [socket] of leaving) socket.destroy();
    await Promise.all(leaving.map(([, { served }]) => served));
  }

  #take(socket: Socket): void {
    if (this.#encoders.size >= ENCODERS_MAX * this.#doors.size) {
      socket.destroy();
      return;
    }
    const served = this.#serve(socket).finally(() => this.#encoders.delete(socket));
    this.#encoders.set(socket, { served, door: undefined });
  }

  async #serve(socket: Socket): Promise<void> {
    const { ffmpeg, silenceMs = DEFAULT_SILENCE_MS, publishWithinMs = 5000 } = this.#options;
    const remote = describeRemote(socket);
    guardSilence(socket, silenceMs);
    // What nobody reads any more concerns nobody, and must not end the process.
    socket.on("error", () => {});
    let door: RtmpDoor | undefined;
    try {
      await serveRtmp(socket, {
        ffmpeg,
        publishWithinMs,
        accept: (streamKey, media) => {
          door = this.#doors.get(publishKeyHash(streamKey));
          const encoder = this.#encoders.get(socket);
          if (door === undefined || encoder === undefined) return WRONG_KEY;
          encoder.door = door;
          return door.gate.admit(media, remote) ? undefined : ONE_IS_LIVE;
        },
      });
    } catch (error) {
      // Who came to none of the streams is one stream's news.
      const { gate } = door ?? [...this.#doors.values()][0] ?? {};
      if (gate?.isAttended !== true) return;
      const why = describeFailure(error);
      // The gate has told that already.
      if (why === ONE_IS_LIVE) return;
      gate.warn(why === WRONG_KEY ? why : "failed", `refused an encoder, ${remote}: ${why}`);
    }
  }
}
