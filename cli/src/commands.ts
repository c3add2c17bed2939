import { makePublishKey, maskSecrets, PUBLISH_INPUT } from "#ingest";
import { isLoopback, serverUrls } from "./addresses.ts";
import { createLog } from "./log.ts";
import { packageVersion } from "./package-paths.ts";
import type { Commands, IngestCommandFlags, ServeFlags } from "./program.ts";
import { readSecurity, schemeOf } from "./server-security.ts";
import { stopOnSignal } from "./stop-on-signal.ts";
import type { StreamOptions } from "./stream.ts";

/**
 * What the commands do: start the servers, say where they are, stop them on a signal. Each loads only
 * what it needs: a peer without the tracker's libraries starts in two thirds of the time.
 */
export const commands: Commands = {
  async serve(flags) {
    const { startServer } = await import("./serve-command.ts");
    const { log, release } = createLog(flags.logLevel);
    const security = await readSecurity(flags, flags.host);
    const options = { ...streamOptions(flags), graceSec: flags.grace, security, log };
    const server = await startServer(options);
    stopOnSignal(server, log);
    release();
    const urls = serverUrls(flags.host, server.port, schemeOf(security));
    announce([
      ...urls.map((url) => line("Watch", `${url}/watch/${server.streamId}`)),
      line("Streams", `${urls[0]}/`),
      ...inputLines(options, urls[0] ?? ""),
      ...reach(flags.host),
    ]);
  },

  async tracker(flags) {
    const { startTrackerServer } = await import("./tracker-command.ts");
    const { log, release } = createLog(flags.logLevel);
    const { host, port, grace: graceSec } = flags;
    const security = await readSecurity(flags, host);
    const server = await startTrackerServer({ host, port, graceSec, security, log });
    stopOnSignal(server, log);
    release();
    const urls = serverUrls(host, server.port, schemeOf(security));
    announce([...urls.map((url) => line("Tracker", `${url}/`)), ...reach(host)]);
  },

  async ingest(trackerUrl, flags) {
    const { startIngestServer } = await import("./ingest-command.ts");
    const { log, release } = createLog(flags.logLevel);
    const { originUrl, token } = flags;
    const security = await readSecurity({ ...flags, stun: [], turn: [] }, flags.host);
    const options = { ...streamOptions(flags), trackerUrl, originUrl, token, security, log };
    const server = await startIngestServer(options);
    stopOnSignal(server, log);
    release();
    announce([
      line("Watch", `${trackerUrl}/watch/${server.streamId}`),
      line("Origin", `${server.originUrl}/`),
      ...inputLines(options, server.originUrl),
      ...reach(flags.host),
    ]);
  },

  async peer(watchUrl, flags) {
    const { runPeer } = await import("./peer-command.ts");
    const { log, release } = createLog(flags.logLevel);
    await runPeer({
      watchUrl,
      port: flags.port,
      ip: flags.ip,
      uploadBps: flags.upload * 1_000_000,
      latencyMs: flags.latency,
      isRelay: flags.relay,
      outputs: flags.output,
      ttl: flags.ttl,
      networkInterface: flags.interface,
      streaming:
        flags.streamingPort === undefined
          ? undefined
          : { host: flags.streamingHost, port: flags.streamingPort },
      isJson: flags.json,
      durationSec: flags.duration,
      log,
    });
    release();
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

function streamOptions(flags: ServeFlags | IngestCommandFlags): Omit<StreamOptions, "log"> {
  return {
    input: flags.input,
    loop: flags.loop,
    networkInterface: flags.interface,
    publishKey: flags.input === PUBLISH_INPUT ? (flags.publishKey ?? makePublishKey()) : undefined,
    ffmpeg: flags.ffmpeg,
    transcode: flags.transcode,
    title: flags.title,
    chunkMs: flags.chunkMs,
    port: flags.port,
    webrtcPort: flags.webrtcPort,
    seederUploadBps: flags.seederUpload * 1_000_000,
    keyFile: flags.key,
    dvrMs: flags.dvr,
    recordDirectory: flags.record,
    recordLimit: flags.recordMax,
    host: flags.host,
  };
}

/** What is read, and where encoders push to. @param url Of the HTTP server. */
function inputLines({ input, publishKey }: Omit<StreamOptions, "log">, url: string): string[] {
  if (input === undefined) return [line("Input", "built-in clip; --input takes your own stream")];
  const publish = publishKey === undefined ? [] : [line("Publish", `${url}/publish/${publishKey}`)];
  return [line("Input", maskSecrets(input)), ...publish];
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
