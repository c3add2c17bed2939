import nodeDataChannel, { type RtcConfig } from "node-datachannel";
import type { IceServer } from "#protocol";
import type { LinkFactory } from "../link.ts";
import { nodeIceServers } from "./ice-servers.ts";
import { NodeLink } from "./node-link.ts";

export type NodeLinksOptions = {
  /** STUN and TURN servers; a function when the tracker names them later. Default none. */
  iceServers?: readonly IceServer[] | (() => readonly IceServer[]);
  /**
   * The one UDP port that all links share, so that a firewall needs one hole. Default: a free port
   * for each link.
   */
  port?: number;
  /** `relay` shows nobody our address, and needs a TURN server; without `port`. Default `all`. */
  iceTransportPolicy?: "all" | "relay";
  /** Local address to listen on. Default all; tests take 127.0.0.1. */
  bindAddress?: string;
  /**
   * A handler threw, which is a bug in its owner. The link is closed and the process goes on.
   * Default: a process warning.
   */
  onError?: (error: unknown) => void;
};

/**
 * What SCTP may hold besides `bufferedBytes`, in bytes: it counts neither against the water marks.
 * The library's default is 1 MiB, seconds of stream on a slow link. 128 KiB lets one link carry
 * 10 Mbit/s at a round trip of 100 ms.
 */
const SCTP_SEND_BUFFER_BYTES = 128 * 1024;

let isSctpSet = false;

/**
 * WebRTC links in Node, by node-datachannel.
 *
 * Its native connections keep the process alive until they are closed: call `close`. The process
 * then ends by itself; the library's global `cleanup()` is not needed, and would end the links of
 * other factories too.
 */
export function nodeLinks(options: NodeLinksOptions = {}): LinkFactory {
  if (!isSctpSet) {
    isSctpSet = true;
    nodeDataChannel.setSctpSettings({ sendBufferSize: SCTP_SEND_BUFFER_BYTES });
  }
  const links = new Set<NodeLink>();
  const onError = options.onError ?? warn;
  return {
    create(peer, role, handlers) {
      const link = new NodeLink({
        name: peer.peerId,
        config: rtcConfig(options),
        role,
        handlers,
        onError,
        onGone: () => links.delete(link),
      });
      links.add(link);
      return link;
    },
    close() {
      for (const link of links) link.close();
    },
  };
}

function rtcConfig(options: NodeLinksOptions): RtcConfig {
  const { iceServers = [], port, bindAddress, iceTransportPolicy = "all" } = options;
  return {
    iceTransportPolicy,
    iceServers: nodeIceServers(typeof iceServers === "function" ? iceServers() : iceServers),
    ...(bindAddress === undefined ? {} : { bindAddress }),
    ...(port === undefined
      ? {}
      : { enableIceUdpMux: true, portRangeBegin: port, portRangeEnd: port }),
  };
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)));
}
