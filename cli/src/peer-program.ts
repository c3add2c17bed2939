import { type Command, Option } from "commander";
import { outputs } from "#node-peer";
import { addMetricsOptions, type MetricsFlags } from "./metrics-options.ts";
import {
  type HostAndPort,
  LOG_LEVELS,
  type LogLevel,
  parseIntroduce,
  parseKnownPeer,
  parseLatencyMs,
  parseMbitPerSecond,
  parsePort,
  parseSeconds,
  parseTrackId,
  parseTtl,
} from "./value-parsers.ts";

export type PeerFlags = MetricsFlags & {
  port: number;
  ip?: string;
  upload: number;
  latency: number;
  relay: boolean;
  track?: string;
  maxBitrate?: number;
  output: string[];
  ttl?: number;
  interface?: string;
  duration?: number;
  knownPeer: string[];
  introduce?: HostAndPort;
  topology?: string;
  member?: string;
  streamingPort?: number;
  streamingHost: string;
  json: boolean;
  logLevel: LogLevel;
};

const EXAMPLES = `
Examples:
  $ livemesh peer http://127.0.0.1:8080/watch/… --json
  $ livemesh peer http://127.0.0.1:8080/watch/… --streaming-port 30001
    $ ffplay http://127.0.0.1:30001/stream.ts; vlc tcp://127.0.0.1:30001
  $ livemesh peer http://127.0.0.1:8080/watch/… --output - | ffplay -
  $ livemesh peer http://127.0.0.1:8080/watch/… --output file:talk.mp4 \\
      --output udp://239.1.1.1:5000 --interface eth0
  $ livemesh peer https://live.example.org/watch/… --relay --upload 1000 --port 9000
  $ livemesh peer http://127.0.0.1:8080/watch/… --introduce 7000
    $ livemesh peer hiaesqjxxjnvpy6wk76svkjcqesekgi5 --known-peer 127.0.0.1:7000
`;

/** Written from the registry, so that a kind added from outside is in it too. */
function outputsHelp(): string {
  const width = Math.max(...outputs.kinds.map(({ form }) => form.length));
  const lines = outputs.kinds.map(({ form, summary }) => `  ${form.padEnd(width)}  ${summary}`);
  return `\nOutputs:\n${lines.join("\n")}\n`;
}

/** The command line of `livemesh peer`, on the subcommand made for it. */
export function addPeerOptions(command: Command): Command {
  return addMetricsOptions(command)
    .description("A peer without a screen: helps the swarm of a stream, and gives it to players.")
    .argument("<watch-url>", "what a viewer would open, http://host:port/watch/…")
    .option(
      "--port <port>",
      "UDP port shared by all other peers; 0 lets the system choose",
      parsePort,
      0,
    )
    .option("--ip <address>", "local address to meet other peers on (default: all)")
    .option(
      "--upload <mbit>",
      "what is sent to other peers at most, in Mbit/s",
      parseMbitPerSecond,
      10,
    )
    .option(
      "--latency <ms>",
      "how far behind the source chunks are still waited for, 200 to 30000 ms",
      parseLatencyMs,
      1000,
    )
    .option("--relay", "only help, with many neighbors: for machines with a good uplink", false)
    .option(
      "--track <id>",
      "the rendition to take, as v1, or a0 for the sound alone (default: the best; a relay: all)",
      parseTrackId,
    )
    .option(
      "--max-bitrate <mbit>",
      "take the best rendition of no more than this with its sound, in Mbit/s (default: no limit)",
      parseMbitPerSecond,
    )
    .option(
      "--output <output>",
      "where the stream is written to, see below; may be given several times (default: none)",
      (name: string, before: string[]) => [...before, name],
      [],
    )
    .option("--ttl <hops>", "routers a multicast datagram passes (default: 1)", parseTtl)
    .option(
      "--interface <interface>",
      "name or address of the network interface multicast leaves by",
    )
    .option(
      "--streaming-port <port>",
      "TCP port where players get the stream: /stream.ts, /stream.mp4 and /index.m3u8 over HTTP, " +
        "tcp:// without; 0 lets the system choose",
      parsePort,
    )
    .option(
      "--streaming-host <address>",
      "address players come to; the default is this machine only, 0.0.0.0 is the whole network",
      "127.0.0.1",
    )
    .option(
      "--duration <seconds>",
      "leave after this time; the exit code is 1 if nothing came, or not all of test://integers " +
        "(default: run until stopped)",
      parseSeconds,
    )
    .option(
      "--known-peer <host:port>",
      "join through this peer too, which introduces others; may be given several times. Then a " +
        "stream id alone will do as address",
      (text: string, before: string[]) => [...before, parseKnownPeer(text)],
      [],
    )
    .option(
      "--introduce <port>",
      "TCP port, or ADDRESS:PORT for others than this machine, where newcomers may join through " +
        "this peer; 0 lets the system choose (default: nowhere)",
      parseIntroduce,
    )
    .option("--topology <file>", "who is linked to whom, for experiments: docs/swarm.md")
    .option("--member <name>", "the place of this peer in the topology: peer0, peer1, …")
    .option("--json", "print one line of statistics a second on standard output", false)
    .addOption(
      new Option("--log-level <level>", "how much to report")
        .choices([...LOG_LEVELS])
        .default("info"),
    )
    .addHelpText("after", outputsHelp() + EXAMPLES);
}
