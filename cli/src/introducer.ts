import type { Introducer } from "#node-peer";
import { createTracker } from "#signaling";
import { type Access, refusal } from "#signaling/access";
import { localUrl } from "./addresses.ts";
import { createHttpServer, listen } from "./http-server.ts";
import type { Logger } from "./log.ts";

/** Streams are not put here by strangers: it is there for the one its peer carries. */
const ONLY_WATCHING: Access = {
  protects: (action) => action !== "watch",
  check: async () => refusal("this peer introduces others to one stream, and does nothing else"),
};

/** Peers that may join through one: it costs them a link at most, and us a message to each. */
const PEERS_MAX = 500;
/** Whoever publishes here is not a socket but the peer in this process. */
const SELF = "self";

export type RunningIntroducer = Introducer & { readonly port: number; close(): Promise<void> };

/**
 * A tracker for the one stream a peer carries, so that others can join through that peer. What it
 * says of the stream is signed by the publisher; it can withhold, but not alter.
 * @throws {UsageError} When the address cannot be had.
 */
export async function startIntroducer(
  place: { host: string; port: number },
  log: Logger,
): Promise<RunningIntroducer> {
  const app = createHttpServer(log);
  const limits = { streams: 1, peersPerStream: PEERS_MAX };
  const { registry } = createTracker(app, { access: ONLY_WATCHING, limits });
  const port = await listen(app, place.host, place.port, "--introduce");
  return {
    port,
    url: localUrl(place.host, port),
    describe(descriptor, signed) {
      // Who is here already hears of changes from neighbors.
      registry.publish(SELF, descriptor, signed);
    },
    close: () => app.close(),
  };
}
