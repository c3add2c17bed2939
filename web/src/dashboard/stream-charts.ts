import type { StreamPoint } from "#protocol/control";
import { TimeChart, type TimeChartOptions } from "./time-chart.ts";

type Read = (point: StreamPoint) => number | undefined;
type Wish = Omit<TimeChartOptions, "lines"> & {
  lines: readonly { label: string; color: string; read: Read }[];
};

const CHARTS: readonly Wish[] = [
  {
    title: "Viewers",
    format: (value) => String(Math.round(value)),
    lines: [{ label: "viewers", color: "--line-1", read: ({ viewers }) => viewers }],
  },
  {
    title: "Offload, %",
    format: (value) => String(Math.round(value)),
    least: 100,
    lines: [
      {
        label: "from peers",
        color: "--line-2",
        read: ({ offload }) => (offload === undefined ? undefined : 100 * offload),
      },
    ],
  },
  {
    title: "Latency, s",
    format: (value) => value.toFixed(1),
    least: 2,
    lines: [
      { label: "median", color: "--line-1", read: ({ latencyP50Ms }) => inSec(latencyP50Ms) },
      { label: "95 %", color: "--line-3", read: ({ latencyP95Ms }) => inSec(latencyP95Ms) },
    ],
  },
  {
    title: "Stalls per viewer and minute",
    format: (value) => value.toFixed(1),
    lines: [{ label: "stalls", color: "--line-3", read: (point) => point.stallsPerMinute }],
  },
  {
    title: "What viewers get, Mbit/s",
    format: (value) => value.toFixed(1),
    lines: [
      {
        label: "from peers",
        color: "--line-2",
        read: ({ viewersBps }) => inMbit(viewersBps.peers),
      },
      { label: "seeder", color: "--line-1", read: ({ viewersBps }) => inMbit(viewersBps.seeder) },
      { label: "origin", color: "--line-3", read: ({ viewersBps }) => inMbit(viewersBps.origin) },
    ],
  },
  {
    title: "What the publisher sends, Mbit/s",
    format: (value) => value.toFixed(1),
    lines: [
      {
        label: "one copy",
        color: "--quiet",
        read: ({ publisherBps }) => inMbit(publisherBps.copy),
      },
      {
        label: "seeder",
        color: "--line-1",
        read: ({ publisherBps }) => inMbit(publisherBps.seeder),
      },
      {
        label: "origin",
        color: "--line-3",
        read: ({ publisherBps }) => inMbit(publisherBps.origin),
      },
    ],
  },
];

/** Points shown: half an hour. */
const SHOWN_MAX = 360;

/** All charts of one stream. */
export class StreamCharts {
  readonly #charts: readonly TimeChart[];
  #points: StreamPoint[] = [];

  constructor(host: HTMLElement) {
    this.#charts = CHARTS.map((wish) => {
      const place = document.createElement("div");
      place.className = "chart";
      host.append(place);
      return new TimeChart(place, wish);
    });
  }

  /** Unix time of the newest point, in ms: later ones are lacking. */
  get newestMs(): number {
    return this.#points.at(-1)?.atMs ?? 0;
  }

  clear(): void {
    this.#points = [];
    this.#draw();
  }

  add(points: readonly StreamPoint[]): void {
    if (points.length === 0) return;
    this.#points = [...this.#points, ...points].slice(-SHOWN_MAX);
    this.#draw();
  }

  recolor(): void {
    for (const chart of this.#charts) chart.recolor();
  }

  #draw(): void {
    const times = this.#points.map(({ atMs }) => atMs / 1000);
    for (const [at, chart] of this.#charts.entries()) {
      const columns = (CHARTS[at]?.lines ?? []).map(({ read }) =>
        this.#points.map((point) => read(point) ?? null),
      );
      chart.draw([times, ...columns]);
    }
  }
}

function inSec(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

function inMbit(bps: number): number {
  return bps / 1e6;
}
