import UPlot from "uplot";

export type ChartLine = {
  label: string;
  /** A custom property of the host that holds its color. */
  color: string;
  isFilled: boolean;
};

/** Height of a chart, in CSS pixels. */
const HEIGHT_PX = 74;
const LINE_PX = 1.5;
/** Room for `10.5` at the left. */
const AXIS_PX = 30;

/** One small chart over time, drawn once for each `draw` and never in between. */
export class StatsChart {
  readonly #host: HTMLElement;
  readonly #plot: UPlot;

  /** @param format How values of the y axis read. */
  constructor(host: HTMLElement, lines: readonly ChartLine[], format: (value: number) => string) {
    this.#host = host;
    const color = (name: string) => resolvedColor(host, name);
    this.#plot = new UPlot(
      {
        width: this.#width,
        height: HEIGHT_PX,
        cursor: { show: false },
        legend: { show: false },
        select: { show: false, left: 0, top: 0, width: 0, height: 0 },
        padding: [6, 0, 2, 0],
        scales: { x: { time: false }, y: { range: (_plot, _min, max) => [0, (max || 1) * 1.05] } },
        axes: [
          { show: false },
          {
            size: AXIS_PX,
            stroke: color("--quiet"),
            font: "11px system-ui, sans-serif",
            grid: { stroke: color("--line"), width: 1 },
            ticks: { show: false },
            space: 28,
            values: (_plot, values) => values.map(format),
          },
        ],
        series: [
          {},
          ...lines.map(({ label, color: name, isFilled }) => ({
            label,
            stroke: color(name),
            width: LINE_PX,
            points: { show: false },
            ...(isFilled ? { fill: color(name) } : {}),
          })),
        ],
      },
      [[], ...lines.map(() => [])],
      host,
    );
  }

  /** @param columns Seconds first, then the values of each line. */
  draw(columns: (readonly (number | null)[])[]): void {
    if (this.#plot.width !== this.#width) {
      this.#plot.setSize({ width: this.#width, height: HEIGHT_PX });
    }
    this.#plot.setData(columns as UPlot.AlignedData);
  }

  close(): void {
    this.#plot.destroy();
  }

  get #width(): number {
    return Math.max(120, this.#host.clientWidth);
  }
}

/** What a custom property comes to, light or dark: a canvas understands nothing else. */
function resolvedColor(host: HTMLElement, name: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** For filled lines on top of each other: each row's sum with those before it, the largest first. */
export function stacked(rows: readonly (readonly number[])[]): number[][] {
  const sums = rows.map((row, at) =>
    row.map((_, column) => rows.slice(at).reduce((sum, other) => sum + (other[column] ?? 0), 0)),
  );
  return sums;
}
