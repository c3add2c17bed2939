import type { PublisherStats, ViewerStats } from "#protocol";
import type { StreamPoint } from "#protocol/control";

/** Pause between two points, in ms. Each tells of twice that time: every viewer reports once in it. */
export const POINT_MS = 5000;
/** An hour of points: bounds memory to about 150 KB a stream. */
const POINTS_MAX = 720;
/** Latencies remembered between two points; of more viewers the first ones tell for all. */
const LATENCIES_MAX = 2000;

type Rates = ViewerStats["bytes"];

/** What viewers told in one half of a point's time. */
class Half {
  reports = 0;
  stalls = 0;
  rejected = 0;
  readonly bytes: Rates = { peers: 0, seeder: 0, origin: 0, uploaded: 0 };
  readonly latenciesMs: number[] = [];

  note({ latencyMs, stalls, bytes, rejectedBlocks }: ViewerStats): void {
    this.reports++;
    this.stalls += stalls.count;
    this.rejected += rejectedBlocks;
    for (const path of PATHS) this.bytes[path] += bytes[path];
    if (latencyMs !== undefined && this.latenciesMs.length < LATENCIES_MAX) {
      this.latenciesMs.push(latencyMs);
    }
  }
}

const PATHS = ["peers", "seeder", "origin", "uploaded"] as const;

/** How one stream did in the last hour, a point every {@link POINT_MS}. */
export class StreamHistory {
  readonly #points: StreamPoint[] = [];
  #half = new Half();
  #lastHalf = new Half();
  /** What the publisher had told at the ends of the last two halves. */
  #told: (PublisherStats["bytes"] | undefined)[] = [];

  note(stats: ViewerStats): void {
    this.#half.note(stats);
  }

  get newest(): StreamPoint | undefined {
    return this.#points.at(-1);
  }

  /** Later than `sinceMs`, oldest first. */
  points(sinceMs = 0): StreamPoint[] {
    return this.#points.filter(({ atMs }) => atMs > sinceMs);
  }

  /** To be called every {@link POINT_MS}. @param atMs Unix time. */
  close(atMs: number, viewers: number, publisher: PublisherStats["bytes"]): StreamPoint {
    const halves = [this.#lastHalf, this.#half];
    const point = pointOf(atMs, viewers, halves, this.#published(publisher));
    this.#lastHalf = this.#half;
    this.#half = new Half();
    this.#points.push(point);
    if (this.#points.length > POINTS_MAX) this.#points.shift();
    return point;
  }

  #published(now: PublisherStats["bytes"]): StreamPoint["publisherBps"] {
    const before = this.#told.length === 2 ? this.#told[0] : undefined;
    this.#told = [...this.#told, now].slice(-2);
    // A publisher that starts again counts from zero.
    const rate = (path: "copy" | "seeder" | "origin") =>
      before === undefined ? 0 : toBps(Math.max(0, now[path] - before[path]));
    return { copy: rate("copy"), seeder: rate("seeder"), origin: rate("origin") };
  }
}

function pointOf(
  atMs: number,
  viewers: number,
  halves: readonly Half[],
  publisherBps: StreamPoint["publisherBps"],
): StreamPoint {
  const sum = (read: (half: Half) => number) => halves.reduce((all, half) => all + read(half), 0);
  const latencies = halves.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const reports = sum((half) => half.reports);
  const bytes = Object.fromEntries(
    PATHS.map((path) => [path, sum((half) => half.bytes[path])]),
  ) as Rates;
  const cameBytes = bytes.peers + bytes.seeder + bytes.origin;
  return {
    atMs,
    viewers,
    reports,
    ...(latencies.length > 0 && {
      latencyP50Ms: quantile(latencies, 0.5),
      latencyP95Ms: quantile(latencies, 0.95),
    }),
    // Each report tells of ten seconds of one viewer.
    ...(reports > 0 && { stallsPerMinute: round((6 * sum((half) => half.stalls)) / reports) }),
    ...(cameBytes > 0 && { offload: round(bytes.peers / cameBytes) }),
    viewersBps: {
      peers: toBps(bytes.peers),
      seeder: toBps(bytes.seeder),
      origin: toBps(bytes.origin),
      uploaded: toBps(bytes.uploaded),
    },
    publisherBps,
    rejectedBlocks: sum((half) => half.rejected),
  };
}

function toBps(bytes: number): number {
  return Math.round((bytes * 8000) / (2 * POINT_MS));
}

function round(share: number): number {
  return Math.round(share * 1000) / 1000;
}

/** Of numbers in order, of which there is one at least. */
function quantile(ordered: readonly number[], share: number): number {
  return ordered[Math.min(ordered.length - 1, Math.floor(share * ordered.length))] ?? 0;
}
