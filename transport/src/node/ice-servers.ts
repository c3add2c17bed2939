import type { IceServer as NodeIceServer } from "node-datachannel";
import type { IceServer } from "#protocol";

/** RFC 7064 and RFC 7065: `stun:host`, `turn:host:port?transport=tcp`, `turns:[::1]:443`. */
const ICE_URL = /^(stuns?|turns?):(\[[^\]]+\]|[^:?[\]]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/;

/** ICE servers as browsers write them, for node-datachannel. What it cannot use is left out. */
export function nodeIceServers(servers: readonly IceServer[]): NodeIceServer[] {
  return servers.flatMap((server) =>
    (typeof server.urls === "string" ? [server.urls] : server.urls).flatMap((url) => {
      const one = nodeIceServer(url, server);
      return one === undefined ? [] : [one];
    }),
  );
}

function nodeIceServer(url: string, server: IceServer): NodeIceServer | undefined {
  const [, scheme, host, portText, transport] = ICE_URL.exec(url) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  const hostname = host.replace(/^\[|\]$/g, "");
  const port = portText === undefined ? defaultPort(scheme) : Number(portText);
  if (port < 1 || port > 65535) return undefined;
  if (scheme === "stun") return { hostname, port };
  // STUN over TLS is of no use for UDP, and a TURN server without a password refuses everybody.
  const { username, credential } = server;
  if (scheme === "stuns" || username === undefined || credential === undefined) return undefined;
  const relayType =
    scheme === "turns" ? "TurnTls" : transport === "tcp" ? "TurnTcp" : ("TurnUdp" as const);
  return { hostname, port, username, password: credential, relayType };
}

function defaultPort(scheme: string): number {
  return scheme.endsWith("s") ? 5349 : 3478;
}
