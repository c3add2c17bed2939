/** One class of viewers' uplinks. */
export type UplinkClass = {
  /** Share of the viewers, all shares together 1. */
  share: number;
  /** Uplink as a multiple of the stream's rate. */
  ofStreamRate: number;
};

/** Something that happens to the swarm at one moment. */
export type Incident =
  /** This share of the viewers vanishes without a word. */
  | { atMs: number; type: "vanish"; share: number }
  /** This many viewers join, spread over a time. */
  | { atMs: number; type: "crowd"; viewers: number; overMs: number }
  /** The seeder's links carry nothing for a while. */
  | { atMs: number; type: "seeder-cut"; forMs: number }
  | { atMs: number; type: "tracker-lost" }
  | { atMs: number; type: "origin-lost" }
  /** Viewers of this share lose nearly all of their uplink. */
  | { atMs: number; type: "slow-uplinks"; share: number; factor: number }
  /** Adversaries of this share stop to behave: see {@link Misbehavior}. */
  | { atMs: number; type: "turn"; share: number; into: Misbehavior };

/**
 * What a peer does that an honest one does not.
 * - `free-rider`: declares an upload and gives nothing.
 * - `polluter`: alters every block it passes on.
 * - `liar`: claims to hold everything.
 * - `staller`: takes children and requests, and then sends nothing.
 * - `eclipser`: a staller that wants nothing but its victim's links: see `Scenario.eclipsers`.
 */
export type Misbehavior = "free-rider" | "polluter" | "liar" | "staller" | "eclipser";

/** A run, complete but for its size and seed. What is left out has the value of `STEADY`. */
export type Scenario = {
  name: string;
  /** One line: what happens, and what is asked of the swarm. */
  about: string;
  peers: number;
  durationMs: number;
  /** Figures are taken from then on: the swarm has formed. */
  measureFromMs: number;

  stream: { bitrateBps: number; chunkMs: number; segmentMs: number; stripes: number };
  /** How far behind the source viewers play: deadlines follow from it. */
  playoutMs: number;

  uplinks: UplinkClass[];
  /** Downlink as a multiple of the stream's rate, the same for everybody. */
  downlinkOfStreamRate: number;
  /** Of the seeder, as a multiple of the stream's rate. */
  seederUplinkOfStreamRate: number;
  /** One way, within a place and between the places furthest apart. */
  latencyMs: { min: number; max: number };
  /** Standard deviation of the logarithm of each message's latency. */
  jitter: number;
  /** Share of packets lost. */
  packetLoss: number;
  /** Share of viewers behind a NAT of the kind that never meets its like: p² of the pairs fail. */
  hardNatShare: number;
  /** Share of viewers who are given a TURN server: a pair that cannot meet is relayed if one has it. */
  turnShare: number;
  /** Share of viewers in hidden tabs, whose timers fire once a second. */
  hiddenShare: number;
  /** So many of `peers` come first and are relays of an operator, with these uplinks, which they state to the tracker. */
  relays: { count: number; ofStreamRate: number };
  /** Number of viewers that share a local network of 1 ms; 1 means none does. */
  lanSize: number;
  cpu: { perMessageUs: number; perVerifyUs: number };

  arrival: { overMs: number };
  /** Share of viewers that leave per minute without a word, each replaced by a newcomer. */
  churnPerMinute: number;
  misbehaving: { share: number; as: Misbehavior }[];
  /** So many attackers, no viewers themselves, dial the first viewer again and again. */
  eclipsers: number;
  incidents: Incident[];

  scheduler: string;
  overlay: string;
  /** Engine options of viewers and of the seeder that differ from the defaults. */
  options: Record<string, number>;
  seederOptions: Record<string, number>;

  /** What `sim:check` holds the result to: least or greatest value by name of a result's field. */
  expect: Record<string, { min?: number; max?: number }>;
};

/** The network of the numbers: 2.5 Mbit/s, uplinks of 3.5 times that on average, 8-75 ms. */
export const STEADY: Scenario = {
  name: "steady",
  about: "everybody stays: what the mesh costs and how fast it is when nothing happens",
  peers: 200,
  durationMs: 40_000,
  measureFromMs: 15_000,
  stream: { bitrateBps: 2_500_000, chunkMs: 200, segmentMs: 1000, stripes: 8 },
  playoutMs: 2000,
  uplinks: [
    { share: 0.15, ofStreamRate: 0.3 },
    { share: 0.35, ofStreamRate: 1.5 },
    { share: 0.35, ofStreamRate: 4 },
    { share: 0.15, ofStreamRate: 10 },
  ],
  downlinkOfStreamRate: 12,
  seederUplinkOfStreamRate: 10,
  latencyMs: { min: 8, max: 75 },
  jitter: 0.1,
  packetLoss: 0.01,
  hardNatShare: 0.5,
  turnShare: 0,
  hiddenShare: 0,
  relays: { count: 0, ofStreamRate: 400 },
  lanSize: 1,
  cpu: { perMessageUs: 60, perVerifyUs: 120 },
  arrival: { overMs: 8000 },
  churnPerMinute: 0,
  misbehaving: [],
  eclipsers: 0,
  incidents: [],
  scheduler: "striped-push",
  overlay: "adaptive",
  options: { uploadLimitBps: 50_000_000 },
  seederOptions: { uploadLimitBps: 25_000_000 },
  expect: {},
};
