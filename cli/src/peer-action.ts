import type { HeadlessPeerOptions } from "#node-peer";
import { createLog } from "./log.ts";
import { metricsPlace } from "./metrics-options.ts";
import { runPeer } from "./peer-command.ts";
import type { PeerFlags } from "./peer-program.ts";

/** What `livemesh peer` does. */
export async function peer(watchUrl: string, flags: PeerFlags): Promise<void> {
  const { log, release } = createLog(flags.logLevel);
  await runPeer({
    ...(await headlessPeerOptions(watchUrl, flags)),
    introduce: flags.introduce,
    isJson: flags.json,
    durationSec: flags.duration,
    metrics: metricsPlace(flags),
    log,
  });
  release();
}

/** The peer that a command line asks for, without what its process does besides. */
export async function headlessPeerOptions(
  watchUrl: string,
  flags: PeerFlags,
): Promise<Omit<HeadlessPeerOptions, "log">> {
  const { streamingPort: port, streamingHost: host } = flags;
  return {
    watchUrl,
    port: flags.port,
    ip: flags.ip,
    uploadBps: flags.upload * 1_000_000,
    latencyMs: flags.latency,
    topology: await topology(flags),
    knownPeers: flags.knownPeer,
    isRelay: flags.relay,
    track: flags.track,
    maxBitrateBps: flags.maxBitrate === undefined ? undefined : flags.maxBitrate * 1_000_000,
    outputs: flags.output,
    ttl: flags.ttl,
    networkInterface: flags.interface,
    streaming: port === undefined ? undefined : { host, port },
  };
}

/** Its library for reading files is 12 MB, and nearly nobody states a topology. */
async function topology({ topology: file, member }: PeerFlags) {
  if (file === undefined && member === undefined) return undefined;
  const { topologyAt } = await import("./topology.ts");
  return topologyAt(file, member);
}
