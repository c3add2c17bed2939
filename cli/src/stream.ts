import type { FastifyInstance } from "fastify";
import {
  createOrigin,
  defaultKeyFile,
  feedPublisher,
  loadIdentity,
  openInput,
  Publisher,
  startSeeder,
} from "#ingest";
import { isUdpPortFree } from "#transport/node";
import { isLoopback } from "./addresses.ts";
import type { Logger } from "./log.ts";
import { UsageError } from "./usage-error.ts";

export type StreamOptions = {
  /** As on the command line; undefined is the built-in clip. */
  input: string | undefined;
  loop: boolean;
  title: string;
  chunkMs: number;
  /** Undefined: the number of the HTTP port. */
  webrtcPort: number | undefined;
  seederUploadBps: number;
  keyFile: string | undefined;
  /** The HTTP server's; WebRTC listens on the same. */
  host: string;
  log: Logger;
};

/** A stream whose routes are in place, and which waits for the HTTP server to listen. */
export type PreparedStream = {
  readonly publisher: Publisher;
  /** Connects to the tracker and starts reading the input. */
  start(place: StreamPlace): Promise<RunningStream>;
};

export type StreamPlace = {
  trackerUrl: string;
  httpPort: number;
  /** Where viewers reach the origin, if that is not the tracker's own server. */
  originUrl?: string;
};

export type RunningStream = {
  /** Ends the stream at the tracker and says good-bye to neighbors. */
  close(): Promise<void>;
};

/**
 * Everything of a stream that can fail because of how it was asked for.
 * @throws {IngestError | UsageError} In one line.
 */
export async function prepareStream(
  app: FastifyInstance,
  options: StreamOptions,
): Promise<PreparedStream> {
  const { title, chunkMs, log } = options;
  const input = await openInput({ input: options.input, loop: options.loop, chunkMs });
  const keyFile = options.keyFile ?? defaultKeyFile();
  const { identity, isNew } = await loadIdentity(keyFile);
  const bindAddress = isLoopback(options.host) ? "127.0.0.1" : undefined;
  if (options.webrtcPort) await claimUdpPort(options.webrtcPort, bindAddress);
  const publisher = new Publisher({ identity, title, chunkMs });
  const origin = createOrigin(app, publisher);
  return {
    publisher,
    async start({ trackerUrl, httpPort, originUrl }) {
      // Not before everything that can fail has not: an error is to be the only line.
      if (isNew)
        log.info({ keyFile }, "publisher key made; keep it, the stream id follows from it");
      const port = options.webrtcPort ?? httpPort;
      if (options.webrtcPort === undefined) await claimUdpPort(port, bindAddress);
      if (originUrl !== undefined) publisher.setOrigins([originUrl]);
      const webrtc = { port, bindAddress };
      const uploadBps = options.seederUploadBps;
      const seeder = startSeeder({ publisher, origin, trackerUrl, webrtc, uploadBps, log });
      const feed = feedPublisher({ ...input, publisher, log });
      return {
        async close() {
          await Promise.all([feed.close(), seeder.close()]);
        },
      };
    },
  };
}

async function claimUdpPort(port: number, bindAddress: string | undefined): Promise<void> {
  if (port === 0 || (await isUdpPortFree(port, bindAddress))) return;
  throw new UsageError(`UDP port ${port} is in use; choose another with --webrtc-port`);
}
