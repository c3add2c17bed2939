import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Child } from "./child.ts";
import type { Children } from "./children.ts";
import { MediaServer } from "./media-server.ts";
import { isFile, type SwarmOptions } from "./swarm-options.ts";

export type Servers = {
  trackerUrl: string;
  watchUrl: string;
  streamId: string;
  /** Undefined when ingest makes the media by itself. */
  media: MediaServer | undefined;
  /** Settles with one line when tracker or ingest ends. */
  failed: Promise<string>;
  stop(): Promise<void>;
};

/**
 * Tracker, ingest and, for a file, the media server, which waits to be released.
 * @throws {Error} In one line, when one of them does not start.
 */
export async function startServers(
  options: SwarmOptions,
  children: Children,
  livemesh: readonly string[],
  log: (message: string) => void,
): Promise<Servers> {
  const start = (name: string, args: readonly string[]) => {
    const logFile = freshLog(options, name);
    return children.start({ name, command: [...livemesh, ...args], logFile });
  };
  const tracker = start("tracker", ["tracker", "--port", `${options.trackerPort}`]);
  const [trackerUrl] = await tracker.says(/http:\/\/127\.0\.0\.1:\d+/);
  const media = isFile(options.media) ? mediaServer(options, log) : undefined;
  const port = await media?.listen(options.mediaServerPort);
  const ingest = start("ingest", [
    ...["ingest", trackerUrl, "--port", "0", "--webrtc-port", "0"],
    ...["--input", port === undefined ? testInput(options) : `tcp://127.0.0.1:${port}`],
    ...["--key", join(options.logDir, "publisher-key.pem"), "--title", "Swarm"],
    ...["--seeder-upload", `${options.seederUpload}`],
    ...["--seeder-copies", `${options.seederCopies}`],
    ...(options.topology === undefined ? [] : ["--topology", options.topology]),
  ]);
  const started = ingest.says(/http:\S+\/watch\/([a-z2-7]{32})/);
  const [watchUrl, streamId = ""] = await started.catch((error: unknown) => {
    media?.close();
    throw error;
  });
  const endOf = (child: Child) => child.exit.then(() => child.lastWords());
  return {
    trackerUrl,
    watchUrl,
    streamId,
    media,
    failed: Promise.race([endOf(tracker), endOf(ingest)]),
    async stop() {
      media?.close();
      // Ingest first: it takes its stream off the tracker's list.
      await ingest.stop();
      await tracker.stop();
    },
  };
}

/** What ingest makes by itself needs nobody who sends it slowly. */
function testInput({ media, rate }: SwarmOptions): string {
  return rate === undefined ? media : `${media}?rate=${rate}`;
}

function mediaServer({ media, rate, loop }: SwarmOptions, log: (message: string) => void) {
  const bytesPerSecond = rate === undefined ? undefined : rate * 1000;
  return new MediaServer({ file: media, bytesPerSecond, isLooped: loop, log });
}

/** Where the process of that name logs; what an earlier swarm left there is gone. */
export function freshLog({ logDir }: Pick<SwarmOptions, "logDir">, name: string): string {
  const file = join(logDir, `${name}.log`);
  rmSync(file, { force: true });
  return file;
}
