import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export type TimeLine = { label: string; color: string };
export type TimeChartOptions = {
  title: string;
  lines: readonly TimeLine[];
  format: (value: number) => string;
  /** The axis reaches this at least. */
  least?: number;
};

const HEIGHT_PX = 150;
const LEAST_SPAN_S = 60;

/** A chart over wall-clock time, with a legend that follows the mouse. */
export class TimeChart {
  readonly #host: HTMLElement;
  readonly #options: TimeChartOptions;
  #plot: UPlot;
  #columns: UPlot.AlignedData;

  constructor(host: HTMLElement, options: TimeChartOptions) {
    this.#host = host;
    this.#options = options;
    this.#columns = [[], ...options.lines.map(() => [])] as unknown as UPlot.AlignedData;
    this.#plot = this.#make();
    new ResizeObserver(() => this.#resize()).observe(host);
  }

  /** @param columns Unix seconds first, then the values of each line; null is a hole. */
  draw(columns: (readonly (number | null)[])[]): void {
    this.#columns = columns as unknown as UPlot.AlignedData;
    this.#plot.setData(this.#columns);
  }

  /** The page has become light or dark. */
  recolor(): void {
    this.#plot.destroy();
    this.#plot = this.#make();
  }

  #resize(): void {
    const width = this.#host.clientWidth;
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: HEIGHT_PX });
  }

  #make(): UPlot {
    const { title, lines, format, least = 1 } = this.#options;
    const style = getComputedStyle(this.#host);
    const color = (name: string) => resolved(this.#host, name);
    const axis = {
      stroke: color("--quiet"),
      grid: { stroke: color("--line"), width: 1 },
      ticks: { show: false },
      font: `11px ${style.fontFamily}`,
    };
    return new UPlot(
      {
        title,
        width: Math.max(200, this.#host.clientWidth),
        height: HEIGHT_PX,
        cursor: { points: { size: 5 }, drag: { x: false, y: false } },
        legend: { live: true },
        scales: {
          x: { range: (_plot, min, max) => timeRange(min, max) },
          y: { range: (_plot, _min, max) => [0, Math.max(least, max || 0) * 1.05] },
        },
        axes: [
          { ...axis, space: 70 },
          { ...axis, size: 46, space: 30, values: (_plot, values) => values.map(format) },
        ],
        series: [
          {
            value: (_plot, value) =>
              value == null ? "–" : new Date(value * 1000).toLocaleTimeString(),
          },
          ...lines.map(({ label, color: name }) => ({
            label,
            stroke: color(name),
            width: 1.8,
            spanGaps: true,
            points: { show: false },
            value: (_plot: UPlot, value: number | null) => (value == null ? "–" : format(value)),
          })),
        ],
      },
      this.#columns,
      this.#host,
    );
  }
}

/** A minute at least, and nothing that is still to come: of one point alone uPlot makes years. */
function timeRange(min: number | null, max: number | null): [number, number] {
  const now = Date.now() / 1000;
  const to = Math.min(max ?? now, now);
  return [Math.min(min ?? to, to - LEAST_SPAN_S), to];
}

function resolved(host: HTMLElement, name: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
