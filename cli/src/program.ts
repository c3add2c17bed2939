import { type Command, Option } from "commander";
import { type Ladder, type RecordLimit, sources } from "#ingest";
import type { Action } from "#signaling/access";
import { createBaseProgram, subcommand } from "./base-program.ts";
import { addClusterOptions, type ClusterFlags } from "./cluster-options.ts";
import { addCtlCommands } from "./ctl/ctl-program.ts";
import { addMetricsOptions, type MetricsFlags } from "./metrics-options.ts";
import { addPeerOptions, type PeerFlags } from "./peer-program.ts";
import { addAccessOptions, addIceOptions } from "./security-options.ts";
import type { SecurityFlags } from "./server-security.ts";
import {
  parseDvr,
  parsePublishKey,
  parseRecordLimit,
  parseSeederCopies,
  parseTranscode,
} from "./stream-value-parsers.ts";
import { addSwarmOptions, type SwarmFlags } from "./swarm/swarm-flags.ts";
import { addTokenOptions, type TokenFlags } from "./token-command.ts";
import {
  LOG_LEVELS,
  type LogLevel,
  parseChunkMs,
  parseMbitPerSecond,
  parsePort,
  parseSeconds,
  parseServerUrl,
  parseTitle,
} from "./value-parsers.ts";

type CommonFlags = MetricsFlags & { port: number; host: string; logLevel: LogLevel };
type IngestFlags = {
  input?: string;
  loop: boolean;
  slate: boolean;
  interface?: string;
  publishKey?: string;
  ffmpeg?: string;
  transcode?: Ladder;
  title: string;
  chunkMs: number;
  webrtcPort?: number;
  seederUpload: number;
  seederCopies: number;
  key?: string;
  dvr?: number;
  record?: string;
  recordMax?: RecordLimit;
  config?: string;
  controlPort?: number;
  controlHost: string;
};
type TrackerFlags = ClusterFlags & { grace: number };

export type ServeFlags = CommonFlags & IngestFlags & TrackerFlags & SecurityFlags;
export type TrackerCommandFlags = CommonFlags & TrackerFlags & SecurityFlags;
export type IngestCommandFlags = CommonFlags &
  IngestFlags &
  SecurityFlags & {
    originUrl?: string;
    token?: string;
    topology?: string;
    allowExperiments?: true;
  };

/** What each command does; the program only reads the command line. */
export type Commands = {
  serve(flags: ServeFlags): Promise<void>;
  tracker(flags: TrackerCommandFlags): Promise<void>;
  ingest(trackerUrl: string, flags: IngestCommandFlags): Promise<void>;
  peer(watchUrl: string, flags: PeerFlags): Promise<void>;
  swarm(peerCount: number, media: string, flags: SwarmFlags): Promise<void>;
  token(action: Action, flags: TokenFlags): Promise<void>;
};

/** Written from the registry, so that a kind added from outside is in it too. */
function inputsHelp(): string {
  const width = Math.max(...sources.kinds.map(({ form }) => form.length));
  const lines = (needsFfmpeg: boolean) =>
    sources.kinds
      .filter((kind) => (kind.needsFfmpeg ?? false) === needsFfmpeg)
      .map(({ form, summary }) => `  ${form.padEnd(width)}  ${summary}\n`)
      .join("");
  return `
Inputs (MPEG-TS with H.264 and AAC, where nothing else is said):
${lines(false)}
Inputs for which ffmpeg 4.3 or newer is needed on this machine:
${lines(true)}`;
}

const SERVE_EXAMPLES = `
Examples:
  $ livemesh serve
  $ livemesh serve --input tcp-listen://127.0.0.1:3000 --title "Town hall"
    $ ffmpeg -re -i film.mp4 -c:v libx264 -tune zerolatency -g 50 -c:a aac \\
        -f mpegts tcp://127.0.0.1:3000
  $ livemesh serve --input media.ts --loop --host 0.0.0.0 --insecure
  $ livemesh serve --input rtmp://127.0.0.1:1935/live/my-stream-key
  $ livemesh serve --config streams.json --control-port 8090
`;

const TRACKER_EXAMPLES = `
Examples:
  $ livemesh tracker --host 0.0.0.0 --token-key tokens.key
  $ livemesh ingest http://tracker.example:8080 --input media.ts --loop
`;

const INGEST_EXAMPLES = `
Examples:
  $ livemesh ingest http://127.0.0.1:8080 --input tcp-listen://127.0.0.1:3000
  $ livemesh ingest https://tracker.example --host 0.0.0.0 --origin-url http://203.0.113.7:8081 \\\\
      --token-key tokens.key --token TOKEN
`;

/** The whole command line. Throws `CommanderError` instead of ending the process. */
export function createProgram(commands: Commands): Command {
  const program = createBaseProgram();

  const serve = subcommand(program, "serve", { isDefault: false })
    .description("Everything in one process on one port: tracker, ingest, origin and pages.")
    .action((flags: ServeFlags) => commands.serve(flags));
  addHttpOptions(addIngestOptions(serve), 8080);
  addTrackerOptions(serve).addHelpText("after", inputsHelp() + SERVE_EXAMPLES);

  const tracker = subcommand(program, "tracker")
    .description("Only the tracker and the pages; streams come from `livemesh ingest`.")
    .action((flags: TrackerCommandFlags) => commands.tracker(flags));
  addTrackerOptions(addHttpOptions(tracker, 8080)).addHelpText("after", TRACKER_EXAMPLES);

  const ingest = subcommand(program, "ingest")
    .description(
      "Only the ingest of one or several streams, with its own origin, for a tracker elsewhere.",
    )
    .argument("<tracker-url>", "where the tracker is, http://host:port", parseServerUrl)
    .action((url: string, flags: IngestCommandFlags) => commands.ingest(url, flags));
  addHttpOptions(addIngestOptions(ingest), 8081)
    .option(
      "--origin-url <url>",
      "how viewers reach this origin (default: from --host and --port)",
      parseServerUrl,
    )
    .option(
      "--allow-experiments",
      "let the tracker's operator change the length of chunks (default: no, for a tracker elsewhere)",
    )
    .option("--topology <file>", "who is linked to whom, for experiments: docs/swarm.md")
    .addOption(
      new Option(
        "--token <token>",
        "what lets us publish at the tracker (default: one made with --token-key, if that can make any)",
      ).env("LIVEMESH_TOKEN"),
    )
    .addHelpText("after", inputsHelp() + INGEST_EXAMPLES);

  addPeerOptions(subcommand(program, "peer")).action((watchUrl: string, flags: PeerFlags) =>
    commands.peer(watchUrl, flags),
  );

  addSwarmOptions(subcommand(program, "swarm")).action(
    (peerCount: number, media: string, flags: SwarmFlags) =>
      commands.swarm(peerCount, media, flags),
  );

  addCtlCommands(subcommand(program, "ctl"));

  addTokenOptions(subcommand(program, "token")).action((action: Action, flags: TokenFlags) =>
    commands.token(action, flags),
  );
  return program;
}

function addHttpOptions(command: Command, defaultPort: number): Command {
  return addMetricsOptions(addAccessOptions(command))
    .option("--port <port>", "HTTP port, TCP; 0 lets the system choose", parsePort, defaultPort)
    .option(
      "--host <address>",
      "address to listen on; the default is this machine only, 0.0.0.0 is the whole network",
      "127.0.0.1",
    )
    .addOption(
      new Option("--log-level <level>", "how much to report")
        .choices([...LOG_LEVELS])
        .default("info"),
    );
}

function addIngestOptions(command: Command): Command {
  return command
    .option("--input <input>", "where the stream comes from, see below (default: test://pattern)")
    .option("--loop", "start an input file over when it ends", false)
    .option(
      "--slate",
      "when nothing comes for 2 s, show the last key frame, in silence, until something does",
      false,
    )
    .option(
      "--interface <name>",
      "network interface, by name or address, to join a multicast group on " +
        "(default: the system's choice)",
    )
    .addOption(
      new Option(
        "--publish-key <key>",
        "what encoders have to know for publish:// (default: a new one at each start)",
      )
        .env("LIVEMESH_PUBLISH_KEY")
        .argParser(parsePublishKey),
    )
    .option("--ffmpeg <path>", "the ffmpeg to use (default: the first on PATH)")
    .option(
      "--transcode <list>",
      "sizes to encode the picture to, and the sound, by ffmpeg, as in " +
        "1080p,720p:2500k,360p,audio (default: copy, as they come)",
      parseTranscode,
    )
    .option("--title <title>", "name of the stream, up to 200 characters", parseTitle, "Live")
    .option("--chunk-ms <ms>", "length of a chunk, 50 to 2000 ms", parseChunkMs, 200)
    .option(
      "--webrtc-port <port>",
      "UDP port for WebRTC; 0 lets the system choose (default: the number of the HTTP port)",
      parsePort,
    )
    .option(
      "--seeder-upload <mbit>",
      "what the seeder sends to the mesh at most, in Mbit/s",
      parseMbitPerSecond,
      50,
    )
    .option(
      "--seeder-copies <count>",
      "copies of the stream the seeder sends into the mesh, 1 to 250: more make shorter ways",
      parseSeederCopies,
      1,
    )
    .option(
      "--key <file>",
      "publisher key, made on first use; the stream id follows from it " +
        "(default: ~/.livemesh/publisher-key.pem)",
    )
    .option(
      "--dvr <time>",
      "how far back viewers of HLS can go, as in 15m; on disk (default: 18 s, in memory)",
      parseDvr,
    )
    .option(
      "--record <directory>",
      "record the stream as MP4 files in this directory (default: not recorded)",
    )
    .option(
      "--record-max <limit>",
      "size, age or both of what is recorded, as in 10GB,7d; the oldest goes (default: no limit)",
      parseRecordLimit,
    )
    .addOption(
      new Option(
        "--config <file>",
        "several streams, as this JSON file states them (default: one, from the options above)",
      ).conflicts(["input", "loop", "publishKey", "title", "key", "record", "topology"]),
    )
    .option(
      "--control-port <port>",
      "HTTP port to add and remove streams at; 0 lets the system choose (default: none)",
      parsePort,
    )
    .option(
      "--control-host <address>",
      "address of the control port; anything but this machine needs --token-key",
      "127.0.0.1",
    );
}

function addTrackerOptions(command: Command): Command {
  return addClusterOptions(addIceOptions(command)).option(
    "--grace <seconds>",
    "how long a stream whose publisher vanished stays listed",
    parseSeconds,
    60,
  );
}
