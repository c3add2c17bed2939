import { DEFAULT_MESH_OPTIONS } from "#mesh";
import { FIGURES } from "./report/figures.ts";
import { type Scenario, STEADY } from "./scenario.ts";
import {
  integer,
  list,
  number,
  object,
  oneOf,
  ScenarioError,
  type Shape,
  share,
  text,
  timeMs,
  variants,
} from "./shape.ts";

const PEERS_MAX = 200_000;
const misbehavior = oneOf(["free-rider", "polluter", "liar", "staller"]);
const multiple = number(0, 1000);
const options = object(
  Object.fromEntries(Object.keys(DEFAULT_MESH_OPTIONS).map((name) => [name, number(0, 1e12)])),
  "some",
);

const expectation = object({ min: number(-1e12, 1e12), max: number(-1e12, 1e12) }, "some");

const incident = variants({
  vanish: { atMs: timeMs, share },
  crowd: { atMs: timeMs, viewers: integer(1, PEERS_MAX), overMs: timeMs },
  "seeder-cut": { atMs: timeMs, forMs: timeMs },
  "tracker-lost": { atMs: timeMs },
  "origin-lost": { atMs: timeMs },
  "slow-uplinks": { atMs: timeMs, share, factor: share },
  turn: { atMs: timeMs, share, into: misbehavior },
});

const FIELDS: Record<keyof Scenario, Shape> = {
  name: text,
  about: text,
  peers: integer(1, PEERS_MAX),
  durationMs: number(1000, 3_600_000),
  measureFromMs: timeMs,
  stream: object(
    {
      bitrateBps: number(100_000, 100_000_000),
      chunkMs: integer(20, 5000),
      segmentMs: integer(20, 20_000),
      stripes: integer(1, 16),
    },
    "some",
  ),
  playoutMs: number(100, 60_000),
  uplinks: list(object({ share, ofStreamRate: multiple })),
  downlinkOfStreamRate: multiple,
  seederUplinkOfStreamRate: multiple,
  latencyMs: object({ min: number(0, 10_000), max: number(0, 10_000) }, "some"),
  jitter: share,
  packetLoss: number(0, 0.5),
  hardNatShare: share,
  turnShare: share,
  hiddenShare: share,
  relays: object({ count: integer(0, 1000), ofStreamRate: multiple }),
  lanSize: integer(1, PEERS_MAX),
  cpu: object({ perMessageUs: number(0, 1e6), perVerifyUs: number(0, 1e6) }, "some"),
  arrival: object({ overMs: timeMs }),
  churnPerMinute: number(0, 10),
  misbehaving: list(object({ share, as: misbehavior })),
  eclipsers: integer(0, 1000),
  incidents: list(incident),
  scheduler: text,
  overlay: text,
  options,
  seederOptions: options,
  expect: object(Object.fromEntries(FIGURES.map(({ name }) => [name, expectation])), "some"),
};

/**
 * A scenario from JSON: a partial {@link Scenario}, what it leaves out is as in {@link STEADY}.
 * @param fallbackName Its name if it states none.
 * @throws {ScenarioError} With one line that says what is wrong where.
 */
export function parseScenario(json: unknown, fallbackName: string): Scenario {
  object(FIELDS, "some")(json, "");
  const stated = json as Partial<Scenario>;
  const scenario: Scenario = {
    ...STEADY,
    name: fallbackName,
    ...stated,
    stream: { ...STEADY.stream, ...stated.stream },
    latencyMs: { ...STEADY.latencyMs, ...stated.latencyMs },
    cpu: { ...STEADY.cpu, ...stated.cpu },
    options: { ...STEADY.options, ...stated.options },
    seederOptions: { ...STEADY.seederOptions, ...stated.seederOptions },
  };
  expectConsistent(scenario);
  return scenario;
}

/** What no single field can tell. */
function expectConsistent(scenario: Scenario): void {
  const { uplinks, misbehaving, latencyMs, durationMs, measureFromMs, playoutMs } = scenario;
  const shares = uplinks.reduce((sum, uplink) => sum + uplink.share, 0);
  if (Math.abs(shares - 1) > 0.001) {
    throw new ScenarioError(`shares of uplinks must be 1 together, they are ${shares.toFixed(3)}`);
  }
  if (misbehaving.reduce((sum, { share: some }) => sum + some, 0) > 1) {
    throw new ScenarioError("shares of misbehaving must be 1 together at most");
  }
  if (latencyMs.min > latencyMs.max) {
    throw new ScenarioError("latencyMs.min must not be above latencyMs.max");
  }
  if (durationMs < measureFromMs + playoutMs + 1000) {
    throw new ScenarioError(
      `durationMs must be above measureFromMs + playoutMs + 1000 = ${measureFromMs + playoutMs + 1000}`,
    );
  }
}
