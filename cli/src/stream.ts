import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import {
  checkUdpPort,
  createOrigin,
  createSource,
  DvrStore,
  defaultKeyFile,
  feedPublisher,
  type Ladder,
  loadIdentity,
  Publisher,
  PublishPoint,
  type RecordLimit,
  registerIngestMetrics,
  startRecorder,
  startSeeder,
  TEST_PATTERN_INPUT,
  TsPackager,
} from "#ingest";
import { isLoopback } from "./addresses.ts";
import type { Logger } from "./log.ts";

export type StreamOptions = {
  /** As on the command line; undefined is the built-in clip. */
  input: string | undefined;
  loop: boolean;
  /** To join multicast groups on. */
  networkInterface?: string | undefined;
  /** What encoders that push over HTTP have to know. */
  publishKey?: string | undefined;
  /** Path of the ffmpeg to use. */
  ffmpeg?: string | undefined;
  /** What the input is encoded to; undefined passes it on as it is. */
  transcode?: Ladder | undefined;
  title: string;
  chunkMs: number;
  /** Of HTTP. */
  port: number;
  /** Undefined: the number of the HTTP port. */
  webrtcPort: number | undefined;
  seederUploadBps: number;
  keyFile: string | undefined;
  /** How far back HLS reaches; undefined is what memory has. */
  dvrMs?: number | undefined;
  /** Where to record to; undefined is nowhere. */
  recordDirectory?: string | undefined;
  recordLimit?: RecordLimit | undefined;
  /** The HTTP server's; WebRTC listens on the same. */
  host: string;
  log: Logger;
};

/** A stream whose routes are in place, and which waits for the HTTP server to listen. */
export type PreparedStream = {
  readonly publisher: Publisher;
  /**
   * Connects to the tracker and starts reading the input.
   * @throws {IngestError} When the input cannot be opened at all.
   */
  start(place: StreamPlace): Promise<RunningStream>;
};

export type StreamPlace = {
  trackerUrl: string;
  /** Where viewers reach the origin, if that is not the tracker's own server. */
  originUrl?: string;
  /** What lets us publish there. */
  token?: string | undefined;
  /** The tracker is in this process: its certificate may be for any name. */
  isOwnTracker?: boolean;
};

export type RunningStream = {
  /** Ends the stream at the tracker and says good-bye to neighbors. */
  close(): Promise<void>;
};

/**
 * Everything of a stream that can fail because of how it was asked for.
 * @throws {IngestError} In one line.
 */
export async function prepareStream(
  app: FastifyInstance,
  metrics: Registry,
  options: StreamOptions,
): Promise<PreparedStream> {
  const { title, chunkMs, publishKey, log } = options;
  const source = createSource(options.input ?? TEST_PATTERN_INPUT, {
    loop: options.loop,
    networkInterface: options.networkInterface,
    ffmpeg: options.ffmpeg,
    transcode: options.transcode,
    ...(publishKey !== undefined && {
      pushed: (name: string) => new PublishPoint(app).source(publishKey, name),
    }),
  });
  const keyFile = options.keyFile ?? defaultKeyFile();
  const { identity, isNew } = await loadIdentity(keyFile);
  const bindAddress = isLoopback(options.host) ? "127.0.0.1" : undefined;
  const webrtcPort = options.webrtcPort ?? options.port;
  if (webrtcPort !== 0) await checkUdpPort({ port: webrtcPort, bindAddress });
  const publisher = new Publisher({ identity, title, chunkMs });
  const { dvrMs, recordDirectory: directory, recordLimit: limit } = options;
  const dvr = dvrMs === undefined ? undefined : new DvrStore({ spanMs: dvrMs, log });
  const origin = createOrigin(app, publisher, { dvr });
  const recorder =
    directory === undefined ? undefined : await startRecorder({ publisher, directory, limit, log });
  return {
    publisher,
    async start({ trackerUrl, originUrl, token, isOwnTracker }) {
      // Not before everything that can fail has not: an error is to be the only line.
      if (isNew)
        log.info({ keyFile }, "publisher key made; keep it, the stream id follows from it");
      if (originUrl !== undefined) publisher.setOrigins([originUrl]);
      const webrtc = { port: webrtcPort, bindAddress };
      const uploadBps = options.seederUploadBps;
      const seeder = await startSeeder({
        publisher,
        origin,
        trackerUrl,
        trackerAccess: { token, isOwn: isOwnTracker ?? false },
        webrtc,
        uploadBps,
        log,
      });
      registerIngestMetrics(metrics, { publisher, origin, seeder });
      const packager = source.createPackager?.({ chunkMs }) ?? new TsPackager({ chunkMs });
      const feed = feedPublisher({ source, packager, publisher, log });
      feed.done.then(() => origin.end());
      const close = async () => {
        // In this order, so that the seeder still tells everybody that the stream is over.
        await feed.close();
        await recorder?.close();
        await seeder.close();
        await dvr?.close();
      };
      try {
        await feed.opened;
      } catch (error) {
        await close();
        throw error;
      }
      return { close };
    },
  };
}
