import SimplePeer from "simple-peer/index.js";
import type { IceServer } from "#protocol";
import type { LinkFactory } from "../link.ts";
import { BrowserLink } from "./browser-link.ts";
import type { IceAttempt } from "./ice-attempt.ts";

export type BrowserLinksOptions = {
  /** STUN and TURN servers; a function when the tracker names them later. Default none. */
  iceServers?: readonly IceServer[] | (() => readonly IceServer[]);
  /**
   * `relay` hides this viewer's address from other viewers (RFC 8828) and needs a TURN server.
   * Default `all`.
   */
  iceTransportPolicy?: RTCIceTransportPolicy;
  /** How each try to connect went; for diagnosis. */
  onAttempt?: (attempt: IceAttempt) => void;
};

/** Whether this browser has WebRTC and nothing has switched it off. */
export function hasWebRtc(): boolean {
  return SimplePeer.WEBRTC_SUPPORT && typeof globalThis.RTCPeerConnection === "function";
}

/** WebRTC links in a browser, by simple-peer. Without WebRTC every link fails; {@link hasWebRtc}. */
export function browserLinks(options: BrowserLinksOptions = {}): LinkFactory {
  const links = new Set<BrowserLink>();
  return {
    create(_peer, role, handlers) {
      const link = new BrowserLink({
        config: configuration(options),
        role,
        handlers,
        onAttempt: options.onAttempt ?? (() => {}),
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

function configuration(options: BrowserLinksOptions): RTCConfiguration {
  const { iceServers = [], iceTransportPolicy = "all" } = options;
  const servers = typeof iceServers === "function" ? iceServers() : iceServers;
  return { iceServers: [...servers], iceTransportPolicy };
}
