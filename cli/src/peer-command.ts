import { HeadlessPeer, type HeadlessPeerOptions } from "#node-peer";
import type { Logger } from "./log.ts";
import { UsageError } from "./usage-error.ts";

export type PeerCommandOptions = Omit<HeadlessPeerOptions, "log"> & {
  /** One line of statistics a second on standard output. */
  isJson: boolean;
  log: Logger;
};

/** Pause between two lines of statistics, in ms. */
const STATS_PAUSE_MS = 1000;
/** A stop that takes longer is cut short, in ms: two seconds were promised. */
const STOP_WITHIN_MS = 1800;

/** A peer without a screen that runs until a signal ends it. Sets the process's exit code. */
export async function runPeer({ isJson, ...options }: PeerCommandOptions): Promise<void> {
  const { log } = options;
  if (isJson && options.outputs.includes("-")) {
    throw new UsageError("--json and --output - both need standard output; use one of them");
  }
  const peer = await HeadlessPeer.start(options);
  const { streamingPort } = peer;
  if (streamingPort !== undefined) log.info({ port: streamingPort }, "players can connect");
  const timer = isJson ? setInterval(() => printStats(peer), STATS_PAUSE_MS) : undefined;
  let isStopping = false;
  const stop = async (reason: string) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ reason }, "leaving");
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
    clearInterval(timer);
    await peer.close();
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  void peer.readerGone.then(() => isStopping || stop("the reader of standard output has gone"));
}

function printStats(peer: HeadlessPeer): void {
  process.stdout.write(`${JSON.stringify(peer.stats)}\n`);
}
