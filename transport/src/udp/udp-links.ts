import type { IceServer } from "#protocol";
import type { LinkFactory } from "../link.ts";
import type { UdpPlace } from "./udp-port.ts";

/** Where what goes wrong is told; pino's loggers fit. */
export type LinksLog = Record<
  "warn" | "error",
  (fields: Record<string, unknown>, message: string) => void
>;

export type UdpLinksOptions = {
  /** A port that is free, see `freeUdpPort`; factories of one process may share it. */
  place: UdpPlace;
  iceServers: () => readonly IceServer[];
  /** What having no WebRTC means here, after "no WebRTC on this machine: ". */
  without: string;
  log: LinksLog;
};

/**
 * WebRTC links of Node on one UDP port, or undefined where WebRTC is not to be had: the library is a
 * native module, and there still is the origin.
 */
export async function openUdpLinks(options: UdpLinksOptions): Promise<LinkFactory | undefined> {
  const { place, iceServers, without, log } = options;
  let webrtc: typeof import("../node/index.ts");
  try {
    webrtc = await import("../node/index.ts");
  } catch (error) {
    log.warn({ reason: String(error) }, `no WebRTC on this machine: ${without}`);
    return undefined;
  }
  const { port, bindAddress } = place;
  return webrtc.nodeLinks({
    iceServers,
    port,
    ...(bindAddress === undefined ? {} : { bindAddress }),
    onError: (error) => log.error({ err: error }, "link handler failed"),
  });
}
