import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { IceServer } from "#protocol";
import type { LinkFactory } from "#transport";
import { IngestError } from "./ingest-error.ts";
import type { IngestLog } from "./ingest-log.ts";

export type WebrtcOptions = {
  /** The one UDP port all neighbors come to; 0 lets the system choose. */
  port: number;
  /** Local address to listen on; undefined is all. */
  bindAddress: string | undefined;
};

/**
 * Where the seeder's links come from, or undefined where WebRTC is not to be had: the library is a
 * native module, and viewers without a seeder still have the origin and each other.
 */
export async function openLinks(
  { port, bindAddress }: WebrtcOptions,
  iceServers: () => readonly IceServer[],
  log: IngestLog,
): Promise<LinkFactory | undefined> {
  let webrtc: typeof import("#transport/node");
  try {
    webrtc = await import("#transport/node");
  } catch (error) {
    log.warn({ reason: String(error) }, "no WebRTC on this machine: viewers start from the origin");
    return undefined;
  }
  return webrtc.nodeLinks({
    iceServers,
    port: port === 0 ? await bindUdp(0, bindAddress) : port,
    ...(bindAddress === undefined ? {} : { bindAddress }),
    onError: (error) => log.error({ err: error }, "link handler failed"),
  });
}

/** @throws {IngestError} `port-in-use`. WebRTC itself says nothing when its port is taken. */
export async function checkUdpPort({ port, bindAddress }: WebrtcOptions): Promise<void> {
  try {
    await bindUdp(port, bindAddress);
  } catch (cause) {
    throw new IngestError(
      "port-in-use",
      `UDP port ${port} is in use; stop what uses it or choose another with --webrtc-port`,
      { cause },
    );
  }
}

/** The port that could be bound; it is free again. */
async function bindUdp(port: number, bindAddress: string | undefined): Promise<number> {
  const socket = createSocket(bindAddress?.includes(":") ? "udp6" : "udp4");
  try {
    socket.bind(port, bindAddress);
    await once(socket, "listening");
    return socket.address().port;
  } finally {
    socket.close();
  }
}
