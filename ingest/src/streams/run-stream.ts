import type { UdpPlace } from "#transport/udp";
import { chunkLength } from "../chunk-length.ts";
import { DvrStore } from "../dvr/dvr-store.ts";
import { feedPublisher } from "../feed-publisher.ts";
import { defaultKeyFile, loadIdentity } from "../identity.ts";
import { IngestError } from "../ingest-error.ts";
import type { IngestLog } from "../ingest-log.ts";
import type { IngestMetrics } from "../ingest-metrics.ts";
import type { OriginPoint } from "../origin.ts";
import { packagers } from "../packager/packager-registry.ts";
import { makePublishKey } from "../publish/publish-key.ts";
import type { PublishPoint } from "../publish/publish-point.ts";
import { Publisher } from "../publisher.ts";
import { startRecorder } from "../record/recorder.ts";
import { type SeederOptions, startSeeder } from "../seeder.ts";
import { createSource, PUBLISH_INPUT, TEST_PATTERN_INPUT } from "../sources/create-source.ts";
import type { StreamSettings } from "./stream-settings.ts";

/** What the streams of one process share. */
export type StreamSurroundings = {
  origins: OriginPoint;
  publishing: PublishPoint;
  metrics: IngestMetrics;
  trackerUrl: string;
  trackerAccess: NonNullable<SeederOptions["trackerAccess"]>;
  /** Where viewers reach the origin, if that is not the tracker's own server. */
  originUrl: string | undefined;
  /** One port for the seeders of all streams. */
  webrtc: UdpPlace;
};

export type RunningStream = {
  readonly publisher: Publisher;
  /** What encoders have to know that push over HTTP; undefined for other inputs. */
  readonly publishKey: string | undefined;
  /** Settles when the input is over, with what was wrong if it is over because of that. */
  readonly ended: Promise<string | undefined>;
  /** Ends the stream at the tracker and says good-bye to neighbors. */
  close(): Promise<void>;
};

/** Undone in the reverse order. */
type Cleanup = (() => unknown)[];

/**
 * One stream from its input to seeder, origin and files.
 * @throws {IngestError} In one line, when it cannot be opened at all; nothing of it is left then.
 */
export async function runStream(
  settings: StreamSettings,
  surroundings: StreamSurroundings,
  log: IngestLog,
): Promise<RunningStream> {
  const cleanup: Cleanup = [];
  const close = async () => {
    for (const undo of cleanup.splice(0).reverse()) await undo();
  };
  try {
    return await open(settings, surroundings, log, cleanup, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  settings: StreamSettings,
  surroundings: StreamSurroundings,
  log: IngestLog,
  cleanup: Cleanup,
  close: () => Promise<void>,
): Promise<RunningStream> {
  const { title, chunkMs, topology, recordDirectory: directory, recordLimit: limit } = settings;
  const { dvrMs, slateAfterMs } = settings;
  const { origins, metrics, trackerUrl, trackerAccess, originUrl, webrtc } = surroundings;
  const { source, publishKey } = openSource(settings, surroundings, cleanup);
  const keyFile = settings.keyFile ?? defaultKeyFile();
  const { identity, isNew } = await loadIdentity(keyFile);
  if (origins.has(identity.streamId)) {
    throw new IngestError("key-taken", `${keyFile} is the key of a stream that runs already`);
  }
  if (publishKey !== undefined) surroundings.publishing.nameStream(publishKey, identity.streamId);
  const overlay = topology === undefined ? "adaptive" : "static";
  const publisher = new Publisher({ identity, title, chunkMs, dvrMs, overlay });
  const dvr = dvrMs === undefined ? undefined : new DvrStore({ spanMs: dvrMs, log });
  cleanup.push(() => dvr?.close());
  const origin = origins.add(publisher, { dvr });
  cleanup.push(() => origin.close());
  const recorder =
    directory === undefined ? undefined : await startRecorder({ publisher, directory, limit, log });
  if (isNew) log.info({ keyFile }, "publisher key made; keep it, the stream id follows from it");
  if (originUrl !== undefined) publisher.setOrigins([originUrl]);
  const { seederUploadBps: uploadBps, seederCopies: copies } = settings;
  const tracker = { trackerUrl, trackerAccess };
  const packager = source.createPackager?.({ chunkMs }) ?? packagers.create({ chunkMs });
  const mayTune = trackerAccess.isOwn || settings.allowsExperiments === true;
  const seeder = await startSeeder({
    setChunkMs: mayTune ? chunkLength({ chunkMs, packager, publisher, log }) : undefined,
    publisher,
    origin,
    ...tracker,
    webrtc,
    uploadBps,
    copies,
    topology,
    log,
  });
  cleanup.push(() => seeder.close());
  cleanup.push(metrics.add({ publisher, origin, seeder }));
  cleanup.push(() => recorder?.close());
  const feed = feedPublisher({ source, packager, publisher, log, slateAfterMs });
  // First of all, so that the seeder still tells everybody that the stream is over.
  cleanup.push(() => feed.close());
  const ended = feed.done.then((problem) => {
    origin.end();
    return problem;
  });
  await feed.opened;
  return { publisher, publishKey, ended, close };
}

function openSource(
  { input = TEST_PATTERN_INPUT, publishKey: wantedKey, ...options }: StreamSettings,
  { publishing }: StreamSurroundings,
  cleanup: Cleanup,
) {
  const { loop, networkInterface, ffmpeg, transcode } = options;
  const publishKey = input === PUBLISH_INPUT ? (wantedKey ?? makePublishKey()) : undefined;
  const pushed = (name: string) => {
    const key = publishKey ?? "";
    if (publishing.has(key)) {
      throw new IngestError("publish-key-taken", "another stream has this publish key");
    }
    cleanup.push(() => publishing.remove(key));
    return publishing.source(key, name);
  };
  const source = createSource(input, {
    loop,
    networkInterface,
    ffmpeg,
    transcode,
    ...(publishKey === undefined ? {} : { pushed }),
  });
  return { source, publishKey };
}
