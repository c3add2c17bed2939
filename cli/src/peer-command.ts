import { HeadlessPeer, type HeadlessPeerOptions } from "#node-peer";
import { collectBuffers } from "./buffer-collector.ts";
import type { Logger } from "./log.ts";
import type { MetricsPlace } from "./metrics-server.ts";
import { UsageError } from "./usage-error.ts";
import type { HostAndPort } from "./value-parsers.ts";

export type PeerCommandOptions = Omit<HeadlessPeerOptions, "log"> & {
  /** One line of statistics a second on standard output. */
  isJson: boolean;
  /** Leave by itself after this time, in seconds; undefined is never. */
  durationSec: number | undefined;
  /** Where newcomers may join through this peer; undefined is nowhere. */
  introduce?: HostAndPort | undefined;
  /** Where Prometheus finds its figures; undefined is nowhere. */
  metrics?: MetricsPlace | undefined;
  log: Logger;
};

/** Pause between two lines of statistics, in ms. */
const STATS_PAUSE_MS = 1000;
/** A stop that takes longer is cut short, in ms: two seconds were promised. */
const STOP_WITHIN_MS = 1800;

/** A peer without a screen that runs until it is stopped, and then ends the process. */
export async function runPeer(options: PeerCommandOptions): Promise<void> {
  const { isJson, durationSec, log } = options;
  if (isJson && options.outputs.includes("-")) {
    throw new UsageError("--json and --output - both need standard output; use one of them");
  }
  const introducer = options.introduce && (await openIntroducer(options.introduce, log));
  if (introducer) log.info({ port: introducer.port }, "others can join through this peer");
  const peer = await HeadlessPeer.start({ ...options, introducer });
  collectBuffers();
  if (options.metrics !== undefined) await openMetrics(options.metrics, peer, log);
  const { streamingPort } = peer;
  if (streamingPort !== undefined) log.info({ port: streamingPort }, "players can connect");
  const timer = isJson ? setInterval(() => printStats(peer), STATS_PAUSE_MS) : undefined;
  let isStopping = false;
  const stop = async (reason: string) => {
    if (isStopping) return;
    isStopping = true;
    peer.conclude();
    const exitCode = exitCodeOf(peer, durationSec);
    setTimeout(() => process.exit(exitCode), STOP_WITHIN_MS).unref();
    clearInterval(timer);
    if (isJson) printStats(peer);
    log.info({ reason }, `leaving: ${peer.summary}`);
    await peer.close();
    await introducer?.close();
    process.exit(exitCode);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => (isStopping ? process.exit(1) : stop(signal)));
  }
  void peer.readerGone.then(() => stop("the reader of standard output has gone"));
  if (durationSec !== undefined) setTimeout(() => stop("its time is over"), durationSec * 1000);
}

/** Loaded only where it is wanted: most peers do without the tracker's libraries. */
async function openIntroducer(place: HostAndPort, log: Logger) {
  const { startIntroducer } = await import("./introducer.ts");
  return startIntroducer(place, log);
}

async function openMetrics(place: MetricsPlace, peer: HeadlessPeer, log: Logger): Promise<void> {
  const [{ createMetrics }, { startMetricsServer }, { registerPeerMetrics }] = await Promise.all([
    import("#signaling"),
    import("./metrics-server.ts"),
    import("#node-peer/metrics"),
  ]);
  const metrics = createMetrics();
  registerPeerMetrics(metrics, () => peer.stats);
  await startMetricsServer(place, metrics, () => peer.stats.state === "running", log);
}

/** Whoever stops a peer of a stream that never came did not ask for more. */
function exitCodeOf(peer: HeadlessPeer, durationSec: number | undefined): number {
  const isCheck = durationSec !== undefined || peer.stats.integers !== null;
  return isCheck && !peer.isSuccess ? 1 : 0;
}

function printStats(peer: HeadlessPeer): void {
  process.stdout.write(`${JSON.stringify(peer.stats)}\n`);
}
