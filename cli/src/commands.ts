import { type NamedStream, readStreamsFile, type SharedSettings, slateAfterMs } from "#ingest";
import { isLoopback, localUrl, serverUrls } from "./addresses.ts";
import { joinCluster } from "./cluster-options.ts";
import { createLog, type Logger } from "./log.ts";
import { type MetricsFlags, metricsPlace } from "./metrics-options.ts";
import { packageVersion } from "./package-paths.ts";
import type { Commands, IngestCommandFlags, ServeFlags, TrackerCommandFlags } from "./program.ts";
import { readSecurity, type ServerSecurity, schemeOf } from "./server-security.ts";
import { stopOnSignal } from "./stop-on-signal.ts";
import type { ControlPlace, RunningStreams, StreamServerOptions } from "./stream-servers.ts";
import { topologyAt } from "./topology.ts";
import type { RunningServer } from "./tracker-command.ts";
import { UsageError } from "./usage-error.ts";

/**
 * What the commands do: start the servers, say where they are, stop them on a signal. Each loads only
 * what it needs: a peer without the tracker's libraries starts in two thirds of the time.
 */
export const commands: Commands = {
  async serve(flags) {
    const options = streamServerOptions(flags);
    const { startServer } = await import("./serve-command.ts");
    const { log, release } = createLog(flags.logLevel);
    const cluster = await joinCluster(flags, log);
    const security = await readSecurity(flags, flags.host, cluster?.uses);
    const control = controlPlace(flags, security);
    const tracker = trackerSettings(flags);
    const server = await startServer({ ...options, ...tracker, cluster, security, control, log });
    await openMetrics(flags, server, log);
    stopOnSignal(server, log);
    release();
    const urls = serverUrls(flags.host, server.port, schemeOf(security));
    const [url = ""] = urls;
    const { streams } = server;
    const streamLines =
      flags.config === undefined
        ? singleStreamLines(streams, { watchUrls: urls, pushUrl: url, input: flags.input })
        : severalStreamsLines(streams, { watchUrl: url, pushUrl: url });
    announce([
      ...streamLines,
      line("Streams", `${url}/`),
      ...controlLines(streams, flags, security),
      ...reach(flags.host),
    ]);
  },

  async tracker(flags) {
    const { startTrackerServer } = await import("./tracker-command.ts");
    const { log, release } = createLog(flags.logLevel);
    const { host, port } = flags;
    const cluster = await joinCluster(flags, log);
    const security = await readSecurity(flags, host, cluster?.uses);
    const settings = { host, port, ...trackerSettings(flags) };
    const server = await startTrackerServer({ ...settings, cluster, security, log });
    await openMetrics(flags, server, log);
    stopOnSignal(server, log);
    release();
    const urls = serverUrls(host, server.port, schemeOf(security));
    announce([...urls.map((url) => line("Tracker", `${url}/`)), ...reach(host)]);
  },

  async ingest(trackerUrl, flags) {
    const options = streamServerOptions(flags);
    const { startIngestServer } = await import("./ingest-command.ts");
    const { log, release } = createLog(flags.logLevel);
    const { originUrl, token } = flags;
    const security = await readSecurity({ ...flags, stun: [], turn: [] }, flags.host);
    const control = controlPlace(flags, security);
    const place = { trackerUrl, originUrl, token, security, control };
    const server = await startIngestServer({ ...options, ...place, log });
    await openMetrics(flags, server, log);
    stopOnSignal(server, log);
    release();
    const { streams, originUrl: pushUrl } = server;
    const streamLines =
      flags.config === undefined
        ? singleStreamLines(streams, { watchUrls: [trackerUrl], pushUrl, input: flags.input })
        : severalStreamsLines(streams, { watchUrl: trackerUrl, pushUrl });
    announce([
      ...streamLines,
      line("Origin", `${pushUrl}/`),
      ...controlLines(streams, flags, security),
      ...reach(flags.host),
    ]);
  },

  async peer(watchUrl, flags) {
    const { peer } = await import("./peer-action.ts");
    await peer(watchUrl, flags);
  },

  async swarm(peerCount, media, flags) {
    const { runSwarm } = await import("./swarm-command.ts");
    process.exit(await runSwarm(peerCount, media, flags));
  },

  async token(action, flags) {
    const { printToken } = await import("./token-command.ts");
    await printToken(action, flags);
  },
};

/** @throws {UsageError} When the port cannot be had. */
async function openMetrics(flags: MetricsFlags, server: RunningServer, log: Logger): Promise<void> {
  const place = metricsPlace(flags);
  if (place === undefined) return;
  const { startMetricsServer } = await import("./metrics-server.ts");
  await startMetricsServer(place, server.metrics, () => server.isReady(), log);
}

function trackerSettings({ grace, state, drain }: ServeFlags | TrackerCommandFlags) {
  return { graceSec: grace, stateFile: state, drainSec: drain };
}

/** @throws {UsageError | IngestError} In one line, before anything is started. */
function streamServerOptions(
  flags: ServeFlags | IngestCommandFlags,
): Omit<StreamServerOptions, "control" | "log"> {
  const { host, port, webrtcPort, config } = flags;
  if (flags.recordMax !== undefined && flags.record === undefined && config === undefined) {
    throw new UsageError(
      "--record-max limits what --record writes, and nothing is recorded: add --record <directory>",
    );
  }
  const topology = "topology" in flags ? flags.topology : undefined;
  const shared: SharedSettings = {
    networkInterface: flags.interface,
    ffmpeg: flags.ffmpeg,
    transcode: flags.transcode,
    slateAfterMs: slateAfterMs(flags.slate),
    chunkMs: flags.chunkMs,
    seederUploadBps: flags.seederUpload * 1_000_000,
    seederCopies: flags.seederCopies,
    dvrMs: flags.dvr,
    recordLimit: flags.recordMax,
    ...("allowExperiments" in flags && flags.allowExperiments && { allowsExperiments: true }),
  };
  const single: NamedStream = {
    name: "live",
    settings: {
      ...shared,
      input: flags.input,
      loop: flags.loop,
      publishKey: flags.publishKey,
      title: flags.title,
      keyFile: flags.key,
      topology: topologyAt(topology, topology && "seeder"),
      recordDirectory: flags.record,
    },
  };
  return {
    host,
    port,
    webrtcPort,
    shared,
    isFromFile: config !== undefined,
    streams: config === undefined ? [single] : readStreamsFile(config, shared),
  };
}

function controlPlace(
  flags: ServeFlags | IngestCommandFlags,
  { access }: ServerSecurity,
): ControlPlace | undefined {
  const { controlPort: port, controlHost: host, insecure } = flags;
  if (port === undefined) return undefined;
  if (!access.protects("admin") && !isLoopback(host) && !insecure) {
    throw new UsageError(
      `--control-host ${host} lets the network change streams: add --token-key FILE (docs/access.md)`,
    );
  }
  return { host, port };
}

/** What is read, where it is watched, and where encoders push to. */
function singleStreamLines(
  { reports }: RunningStreams,
  place: { watchUrls: readonly string[]; pushUrl: string; input: string | undefined },
): string[] {
  const [report] = reports;
  if (report === undefined) return [];
  const watch = place.watchUrls.map((url) => line("Watch", `${url}/watch/${report.streamId}`));
  if (place.input === undefined) {
    return [...watch, line("Input", "built-in clip; --input takes your own stream")];
  }
  const { publishPath } = report;
  const publish = publishPath === null ? [] : [line("Publish", `${place.pushUrl}${publishPath}`)];
  return [...watch, line("Input", report.input), ...publish];
}

/** The same, a paragraph a stream. Those that could not be opened are told of by the log. */
function severalStreamsLines(
  { reports }: RunningStreams,
  { watchUrl, pushUrl }: { watchUrl: string; pushUrl: string },
): string[] {
  return reports.flatMap(({ name, streamId, input, publishPath }) => [
    `${name}`,
    ...(streamId === null ? [] : [line("Watch", `${watchUrl}/watch/${streamId}`)]),
    line("Input", input),
    ...(publishPath === null ? [] : [line("Publish", `${pushUrl}${publishPath}`)]),
  ]);
}

function controlLines(
  { controlPort }: RunningStreams,
  { controlHost }: ServeFlags | IngestCommandFlags,
  security: ServerSecurity,
): string[] {
  if (controlPort === undefined) return [];
  const url = localUrl(controlHost, controlPort, schemeOf(security));
  return [line("Control", `${url}/streams`)];
}

/** Who can open these addresses. */
function reach(host: string): string[] {
  return isLoopback(host)
    ? [line("Reach", "this machine only; --host opens it to the network, see docs/access.md")]
    : [];
}

function line(name: string, value: string): string {
  return `  ${`${name}:`.padEnd(10)} ${value}`;
}

function announce(lines: string[]): void {
  console.log([`livemesh ${packageVersion()}`, ...lines].join("\n"));
}
