import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import {
  addControlApi,
  findWebrtcPlace,
  IngestMetrics,
  type NamedStream,
  OriginPoint,
  PublishPoint,
  runStream,
  type SharedSettings,
  StreamHost,
  type StreamReport,
  type StreamSurroundings,
} from "#ingest";
import { requireAccess } from "#signaling";
import { isLoopback } from "./addresses.ts";
import { createHttpServer, listen } from "./http-server.ts";
import type { Logger } from "./log.ts";
import { OPEN_SECURITY, type ServerSecurity } from "./server-security.ts";

/** A control API asked for, and where. */
export type ControlPlace = { host: string; port: number };

export type StreamServerOptions = {
  streams: readonly NamedStream[];
  /**
   * The streams are those of a file: one that cannot be opened keeps no other from starting. Default
   * false: there is one, and nothing to run for without it.
   */
  isFromFile?: boolean;
  /** What streams that come later have in common. */
  shared: SharedSettings;
  control?: ControlPlace | undefined;
  /** The HTTP server's; WebRTC listens on the same. */
  host: string;
  /** Default: everybody may do everything, over plain HTTP. */
  security?: ServerSecurity;
  /** Of HTTP. */
  port: number;
  /** Undefined: the number of the HTTP port. */
  webrtcPort: number | undefined;
  log: Logger;
};

/** The streams of this process, and who may change them. */
export type RunningStreams = {
  readonly reports: StreamReport[];
  /** Of the control API; undefined without one. */
  readonly controlPort: number | undefined;
  close(): Promise<void>;
};

/** Where streams are published, which is known once the server listens. */
export type StreamsPlace = Pick<StreamSurroundings, "trackerUrl" | "trackerAccess" | "originUrl">;

/** Puts the routes of streams in place, before the HTTP server listens. */
export function prepareStreams(
  app: FastifyInstance,
  metrics: Registry,
  options: StreamServerOptions,
): { start(place: StreamsPlace): Promise<RunningStreams> } {
  const origins = new OriginPoint(app);
  const publishing = new PublishPoint(app);
  const ingestMetrics = new IngestMetrics(metrics);
  return {
    async start(place) {
      const webrtc = await webrtcPlace(options);
      const surroundings = { ...place, origins, publishing, metrics: ingestMetrics, webrtc };
      const { log, isFromFile = false } = options;
      const host = new StreamHost({
        run: (settings, streamLog) => runStream(settings, surroundings, streamLog),
        logOf: (name) => (isFromFile ? log.child({ stream: name }) : log),
      });
      try {
        const { streams } = options;
        await Promise.all(
          streams.map((stream) => (isFromFile ? host.keep(stream) : host.add(stream))),
        );
        const control = await startControl(host, options);
        return {
          get reports() {
            return host.reports;
          },
          controlPort: control?.port,
          async close() {
            await control?.close();
            await host.close();
          },
        };
      } catch (error) {
        await host.close();
        throw error;
      }
    },
  };
}

/** One UDP port for the seeders of all streams. */
async function webrtcPlace({ host, port, webrtcPort }: StreamServerOptions) {
  const bindAddress = isLoopback(host) ? "127.0.0.1" : undefined;
  return findWebrtcPlace({ port: webrtcPort ?? port, bindAddress });
}

async function startControl(host: StreamHost, options: StreamServerOptions) {
  const { control, shared, security = OPEN_SECURITY, log } = options;
  if (control === undefined) return undefined;
  const app = createHttpServer(log, security);
  const isProtected = security.access.protects("admin");
  const guard = isProtected ? requireAccess(security, "admin") : undefined;
  addControlApi(app, { host, guard, shared, folder: process.cwd() });
  const port = await listen(app, control.host, control.port, "--control-port");
  return { port, close: () => app.close() };
}
