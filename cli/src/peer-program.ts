import { type Command, Option } from "commander";
import {
  LOG_LEVELS,
  type LogLevel,
  parseLatencyMs,
  parseMbitPerSecond,
  parsePort,
} from "./value-parsers.ts";

export type PeerFlags = {
  port: number;
  ip?: string;
  upload: number;
  latency: number;
  relay: boolean;
  json: boolean;
  logLevel: LogLevel;
};

const EXAMPLES = `
Examples:
  $ livemesh peer http://127.0.0.1:8080/watch/… --json
  $ livemesh peer https://live.example.org/watch/… --relay --upload 1000 --port 9000
`;

/** The command line of `livemesh peer`, on the subcommand made for it. */
export function addPeerOptions(command: Command): Command {
  return command
    .description("A peer without a screen: helps the swarm of a stream.")
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
    .option("--json", "print one line of statistics a second on standard output", false)
    .addOption(
      new Option("--log-level <level>", "how much to report")
        .choices([...LOG_LEVELS])
        .default("info"),
    )
    .addHelpText("after", EXAMPLES);
}
