import { type Command, InvalidArgumentError } from "commander";
import { parseSeederCopies } from "../stream-value-parsers.ts";
import { integerBetween, parseLatencyMs, parseMbitPerSecond, parsePort } from "../value-parsers.ts";

/** The options of `livemesh swarm`, as read. */
export type SwarmFlags = {
  /** KB/s, with 1000 bytes to the KB. */
  rate?: number;
  loop: boolean;
  hold: boolean;
  /** In ms. */
  duration?: number;
  /** Between the starts of two peers, in ms. */
  interval: number;
  trackerPort: number;
  mediaServerPort: number;
  startPeerPort: number;
  startStreamingPort: number;
  /** Undefined leaves it to the launcher. */
  peersPerProcess?: number;
  upload?: number;
  /** In ms. */
  latency?: number;
  seederUpload: number;
  seederCopies: number;
  /** In ms. */
  killEvery?: number;
  seed: number;
  browsers: number;
  topology?: string;
  logDir: string;
  json: boolean;
};

/** Above what one machine carries; below what its ports do. */
const MAX_PEERS = 1000;
const MAX_BROWSERS = 50;

const EXAMPLES = `
Media:
  FILE             sent by a media server, at its own pace or at --rate, once or with --loop
  test://pattern   the built-in clip, endless
  test://integers  no media: numbers, which every peer checks for order and gaps

Examples:
  $ livemesh swarm 10 media.ts
  $ livemesh swarm 30 media.ts --rate 400 --hold
  $ livemesh swarm 20 test://pattern --browsers 2 --kill-every 10s --duration 5m
  $ livemesh swarm 100 test://integers --rate 25 --duration 60 --json
`;

function parsePeerCount(text: string): number {
  return integerBetween(text, 0, MAX_PEERS);
}

export function addSwarmOptions(command: Command): Command {
  return command
    .description("A whole swarm on this machine: tracker, ingest and many peers, for trying out.")
    .argument("<peers>", `how many headless peers, up to ${MAX_PEERS}`, parsePeerCount)
    .argument("<media>", "a media file, test://pattern or test://integers")
    .option(
      "--rate <kilobytes>",
      "what a file is sent at, at most, or integers, in KB/s",
      parseRate,
    )
    .option("--loop", "start the media file over when it ends", false)
    .option("--hold", "send the media file only when every peer is up: all get all of it", false)
    .option("--duration <time>", "stop after 90 (seconds), 90s or 5m; then all are up", parseTime)
    .option("--interval <ms>", "time between the starts of two peers, in ms", parseIntervalMs, 200)
    .option("--tracker-port <port>", "TCP port of the tracker; 0 is any", parsePort, 8080)
    .option(
      "--media-server-port <port>",
      "TCP port the media comes from; 0 is any",
      parsePort,
      30000,
    )
    .option("--start-peer-port <port>", "UDP port of the first peer; 0 is any", parsePort, 20001)
    .option(
      "--start-streaming-port <port>",
      "TCP port the first peer streams on; 0 is any",
      parsePort,
      30001,
    )
    .option(
      "--peers-per-process <count>",
      "peers that share a process (default: 1, and more where there are more than 8 for each core)",
      parsePeersPerProcess,
    )
    .option("--upload <mbit>", "what each peer sends at most, in Mbit/s", parseMbitPerSecond)
    .option("--latency <ms>", "how long each peer waits for what is late, in ms", parseLatencyMs)
    .option("--seeder-upload <mbit>", "what the seeder sends at most", parseMbitPerSecond, 50)
    .option(
      "--seeder-copies <count>",
      "copies of the stream the seeder sends into the mesh",
      parseSeederCopies,
      1,
    )
    .option("--kill-every <time>", "kill a random peer this often and start another", parseTime)
    .option("--seed <number>", "of the choice of victims", parseSeed, 1)
    .option("--browsers <count>", "headless Chromium tabs that watch too", parseBrowserCount, 0)
    .option("--topology <file>", "who is linked to whom (default: the mesh finds out)")
    .option("--log-dir <folder>", "where each process has its log", "swarm-logs")
    .option("--json", "the summary as JSON on standard output", false)
    .addHelpText("after", EXAMPLES);
}

function parsePeersPerProcess(text: string): number {
  return integerBetween(text, 1, MAX_PEERS);
}

function parseRate(text: string): number {
  return integerBetween(text, 1, 1_000_000);
}

function parseIntervalMs(text: string): number {
  return integerBetween(text, 0, 600_000);
}

function parseSeed(text: string): number {
  return integerBetween(text, 0, 2 ** 32 - 1);
}

function parseBrowserCount(text: string): number {
  return integerBetween(text, 0, MAX_BROWSERS);
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90`, `90s`, `500ms`, `5m`, `1h` in ms. */
function parseTime(text: string): number {
  const [, number, unit = "s"] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text) ?? [];
  const timeMs = Number(number) * (UNIT_MS[unit] ?? Number.NaN);
  if (!(timeMs >= 100 && timeMs <= 7 * 24 * 3_600_000)) {
    throw new InvalidArgumentError("a time from 100ms to 168h is needed, as in 90, 90s or 5m");
  }
  return timeMs;
}
