import type { Command } from "commander";
import type { Cluster } from "#signaling";
import type { Logger } from "./log.ts";
import { UsageError } from "./usage-error.ts";
import { parseSeconds } from "./value-parsers.ts";

export type ClusterFlags = { redis?: string; state?: string; drain: number };

/** Options of a tracker that is one of several, or is restarted. */
export function addClusterOptions(command: Command): Command {
  return command
    .option(
      "--redis <url>",
      "share streams and swarms with other trackers through this Redis, redis://host:port " +
        "(default: this tracker is alone)",
    )
    .option(
      "--state <file>",
      "remember streams over a restart in this file; with --redis they are in Redis " +
        "(default: not remembered)",
    )
    .option(
      "--drain <seconds>",
      "on SIGTERM, send peers to other trackers over this time before stopping",
      parseSeconds,
      0,
    );
}

/** @throws {UsageError} In one line, when there is no Redis at that address. */
export async function joinCluster(
  { redis: url }: ClusterFlags,
  log: Logger,
): Promise<Cluster | undefined> {
  if (url === undefined) return undefined;
  if (!/^rediss?:\/\/[^/]+/.test(url)) {
    throw new UsageError(`--redis takes redis://host:port, or rediss:// with TLS, got "${url}"`);
  }
  const { Cluster } = await import("#signaling");
  try {
    return await Cluster.connect({ url, log });
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(`--redis: ${cause.message}`, { cause });
  }
}
