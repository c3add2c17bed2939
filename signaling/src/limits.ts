import type { ClientMessageName } from "#protocol";

/** How much of something may come at once, and how much per second in the long run. */
export type Rate = { burst: number; perSecond: number };

/**
 * Bounds on what strangers can make one tracker hold, in one place. Message sizes are in
 * `TRACKER_LIMITS` of the protocol, rates in {@link RATES}. All are guesses from the counts named,
 * and options of the tracker.
 */
export type RegistryLimits = {
  /** Streams known at once: bounds memory (a descriptor is up to 15 KiB) and metric labels. */
  streams: number;
  /** Streams one socket may publish: keeps a single stranger from filling the tracker. */
  streamsPerSocket: number;
  /** Members of one swarm: bounds memory and the fan-out of a new descriptor. */
  peersPerStream: number;
  /** Peers remembered as introduced to one peer: bounds memory per socket. Oldest are forgotten. */
  introductionsPerPeer: number;
  /** Viewers told at once of a seeder that came back: bounds the dials it gets in one moment. */
  seederIntroductions: number;
  /** Networks that have to report a peer before it is introduced last. One, or two, can be a liar's. */
  reporterNetworks: number;
  /** Peers named by `GET /api/streams/:id/peers`: bounds the answer. */
  listedPeers: number;
};

export const DEFAULT_REGISTRY_LIMITS: RegistryLimits = {
  streams: 1000,
  streamsPerSocket: 4,
  peersPerStream: 20_000,
  introductionsPerPeer: 256,
  seederIntroductions: 64,
  reporterNetworks: 3,
  listedPeers: 500,
};

export type SocketLimits = {
  /** Open sockets of one address: a school behind one NAT has fewer, a flood has more. */
  perAddress: number;
  /** The same for loopback, where test swarms and reverse proxies live. */
  perLoopbackAddress: number;
  /** Messages refused (bad, too many, not allowed) before the socket is closed. */
  refusals: number;
  /** Messages waiting for a slow reader before its socket is closed: bounds memory. */
  waitingMessages: number;
  /** Time to finish the socket.io handshake, in ms: bounds half-open sockets. */
  handshakeMs: number;
  /** Pause between pings and wait for the pong, in ms: together the time a dead peer stays. */
  pingIntervalMs: number;
  pingTimeoutMs: number;
};

export const DEFAULT_SOCKET_LIMITS: SocketLimits = {
  perAddress: 200,
  perLoopbackAddress: 20_000,
  refusals: 50,
  waitingMessages: 1000,
  handshakeMs: 10_000,
  pingIntervalMs: 5000,
  // A page that starts ten players on two cores can be busy for seconds.
  pingTimeoutMs: 8000,
};

/** Per socket. A message above its rate is refused with `too-many`, unread. */
export const RATES: Readonly<Record<ClientMessageName, Rate>> = {
  // A reconnect or a change of stream; each costs a random sample and a descriptor.
  announce: { burst: 8, perSecond: 1 },
  "find-peers": { burst: 10, perSecond: 1 },
  // Fourteen links with a dozen candidates each, opened at once.
  relay: { burst: 300, perSecond: 50 },
  // Each costs two signature checks and a message to the whole swarm.
  publish: { burst: 10, perSecond: 1 },
  unpublish: { burst: 8, perSecond: 1 },
  // Each takes three forged blocks; a viewer of a whole day meets few who send them.
  report: { burst: 8, perSecond: 1 / 60 },
  clock: { burst: 20, perSecond: 4 },
  leave: { burst: 8, perSecond: 1 },
  // One in ten seconds.
  "viewer-stats": { burst: 6, perSecond: 0.5 },
  // One a second is the most that is asked for.
  "peer-report": { burst: 5, perSecond: 1.5 },
  "publisher-stats": { burst: 10, perSecond: 4 },
};

/** The seeder of a verified stream answers every newcomer: a flash crowd of hundreds. */
export const PUBLISHER_RELAY_RATE: Rate = { burst: 8000, perSecond: 1000 };

/**
 * Peers one socket is told of that it was not told of before: sixteen at once when it comes, some churn at
 * the start, then one every 15 s. With it a viewer of a whole day sees thousands, a crawler with one
 * socket about 300 an hour.
 */
export const SOCKET_STRANGERS_RATE: Rate = { burst: 64, perSecond: 1 / 15 };

/** The same for all sockets of one address: a school of a hundred viewers that all come at once. */
export const ADDRESS_STRANGERS_RATE: Rate = { burst: 2000, perSecond: 1 };

/**
 * Connections that one address may open, loopback excepted: a school that comes at once, then those who reload.
 * What a join costs is paid before anything is known of who joins.
 */
export const ADDRESS_CONNECTS_RATE: Rate = { burst: 120, perSecond: 2 };

/** All messages of one socket, unknown ones included; above it the socket is closed. */
export const SOCKET_RATE: Rate = { burst: 1000, perSecond: 150 };
