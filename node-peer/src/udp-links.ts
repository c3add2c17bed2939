import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { IceServer } from "#protocol";
import type { LinkFactory } from "#transport";
import { NodePeerError } from "./node-peer-error.ts";
import type { PeerLog } from "./peer-log.ts";

export type UdpPlace = {
  /** The one UDP port all neighbors share; 0 lets the system choose. */
  port: number;
  /** Local address; undefined is all. */
  ip: string | undefined;
};

/**
 * WebRTC links on one UDP port, or undefined where WebRTC is not to be had: the library is a native
 * module, and the origin still is there.
 * @throws {NodePeerError} `port-in-use`, `address-unavailable`
 */
export async function openUdpLinks(
  { port, ip }: UdpPlace,
  iceServers: () => readonly IceServer[],
  log: PeerLog,
): Promise<LinkFactory | undefined> {
  // WebRTC itself says nothing when its port is taken: connections just never open.
  const freePort = await bindOnce(port, ip);
  let webrtc: typeof import("#transport/node");
  try {
    webrtc = await import("#transport/node");
  } catch (error) {
    log.warn({ reason: String(error) }, "no WebRTC on this machine: everything from the origin");
    return undefined;
  }
  return webrtc.nodeLinks({
    iceServers,
    port: freePort,
    ...(ip === undefined ? {} : { bindAddress: ip }),
    onError: (error) => log.error({ err: error }, "link handler failed"),
  });
}

/** The port that could be bound; it is free again. */
async function bindOnce(port: number, ip: string | undefined): Promise<number> {
  const socket = createSocket(ip?.includes(":") ? "udp6" : "udp4");
  try {
    socket.bind(port, ip);
    await once(socket, "listening");
    return socket.address().port;
  } catch (cause) {
    throw bindFailure(cause, port, ip);
  } finally {
    socket.close();
  }
}

function bindFailure(cause: unknown, port: number, ip: string | undefined): NodePeerError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE" || code === "EACCES") {
    return new NodePeerError(
      "port-in-use",
      `UDP port ${port} cannot be had; stop what uses it or choose another with --port`,
      { cause },
    );
  }
  return new NodePeerError(
    "address-unavailable",
    `${ip} is no address of this machine; --ip takes one of its own`,
    { cause },
  );
}
