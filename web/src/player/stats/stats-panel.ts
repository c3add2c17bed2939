import type { PlayerStats } from "../player-stats.ts";
import type { ControlsTexts } from "../texts/player-texts.ts";
import { neighborRows } from "./neighbor-list.ts";
import { StatsChart, stacked } from "./stats-chart.ts";
import type { StatsSample } from "./stats-history.ts";
import { bytesBar, savingsLine, statsRows } from "./stats-rows.ts";
import { percent } from "./units.ts";

export { STATS_CSS } from "./stats-styles.ts";

export type StatsPanelModel = {
  stats: PlayerStats;
  samples: readonly StatsSample[];
  /** Why nobody can be reached, in words; undefined while that is not so. */
  diagnosis: string | undefined;
};

/** The statistics panel's content; loaded and made when it is opened first. */
export class StatsPanel {
  readonly #host: HTMLElement;
  readonly #texts: ControlsTexts;
  readonly #headline = element("h2", "saved");
  readonly #segments: HTMLElement[];
  readonly #legend: Text[];
  readonly #values: Text[];
  readonly #connection: Text = new Text();
  readonly #neighbors = element("ul", "neighbors");
  readonly #charts: { rates: StatsChart; times: StatsChart };

  constructor(
    host: HTMLElement,
    texts: ControlsTexts,
    model: StatsPanelModel,
    onClose: () => void,
  ) {
    this.#host = host;
    this.#texts = texts;
    host.setAttribute("aria-label", texts.statistics);
    const bar = element("div", "bar");
    const legend = element("ul", "legend");
    this.#segments = bytesBar(model.stats, texts).map(({ kind }) => marker(kind));
    bar.append(...this.#segments);
    this.#legend = this.#segments.map(({ dataset }) => {
      const text = new Text();
      const item = element("li");
      item.append(marker(dataset.kind ?? ""), text);
      legend.append(item);
      return text;
    });
    const rates = chartHost([[`${texts.received}, Mbit/s`]]);
    const times = chartHost([
      [texts.latency, "latency"],
      [`${texts.buffer}, s`, "buffer"],
    ]);
    const list = element("dl");
    this.#values = statsRows(model.stats, texts).map(({ label }) => addRow(list, label));
    const connection = element("p", "connection");
    connection.append(this.#connection);
    const top = element("header");
    top.append(this.#headline, closeButton(texts.close, onClose));
    host.replaceChildren(top, bar, legend, rates, times, this.#neighbors, connection, list);
    this.#charts = {
      rates: new StatsChart(
        rates,
        [
          line(texts.fromServer, "origin"),
          line(texts.fromSeeder, "seeder"),
          line(texts.fromViewers, "peers"),
        ],
        (bps) => tick(bps / 1e6),
      ),
      times: new StatsChart(
        times,
        [line(texts.latency, "latency", false), line(texts.buffer, "buffer", false)],
        (ms) => tick(ms / 1000),
      ),
    };
    this.render(model);
  }

  render({ stats, samples, diagnosis }: StatsPanelModel): void {
    const texts = this.#texts;
    this.#headline.textContent = savingsLine(stats, texts);
    for (const [i, { label, share }] of bytesBar(stats, texts).entries()) {
      this.#segments[i]?.style.setProperty("--share", share.toFixed(4));
      setText(this.#legend[i], `${percent(share)} ${label}`);
    }
    for (const [i, { value }] of statsRows(stats, texts).entries()) setText(this.#values[i], value);
    setText(this.#connection, diagnosis ?? "");
    this.#renderNeighbors(stats);
    const at = samples.map(({ atSec }) => atSec);
    const column = (key: keyof StatsSample) => samples.map((sample) => Number(sample[key]));
    const layers = [column("fromOriginBps"), column("fromSeederBps"), column("fromPeersBps")];
    this.#charts.rates.draw([at, ...stacked(layers)]);
    const latencies = samples.map(({ latencyMs }) => latencyMs);
    this.#charts.times.draw([at, latencies, column("forwardBufferMs")]);
  }

  close(): void {
    this.#charts.rates.close();
    this.#charts.times.close();
    this.#host.replaceChildren();
  }

  #renderNeighbors({ neighborList }: PlayerStats): void {
    const rows = neighborRows(neighborList, this.#texts).map((row) => {
      const item = element("li");
      item.title = row.words;
      item.setAttribute("aria-label", `${row.name}: ${row.words}`);
      item.append(marker(row.isSeeder ? "seeder" : "peers"));
      for (const text of [row.name, row.rtt, row.down, row.up]) {
        const cell = element("span");
        cell.textContent = text;
        item.append(cell);
      }
      return item;
    });
    this.#neighbors.replaceChildren(...rows);
  }
}

function line(label: string, name: string, isFilled = true) {
  return { label, color: `--${name}`, isFilled };
}

function addRow(list: HTMLElement, label: string): Text {
  const term = element("dt");
  const value = new Text();
  const description = element("dd");
  term.textContent = label;
  description.append(value);
  list.append(term, description);
  return value;
}

function closeButton(label: string, onClose: () => void): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "close";
  button.setAttribute("aria-label", label);
  button.textContent = "×";
  button.addEventListener("click", onClose);
  return button;
}

/** @param lines What it shows, with the mark of its line unless the bar above has it. */
function chartHost(lines: readonly (readonly [label: string, kind?: string])[]): HTMLElement {
  const host = element("div", "chart");
  const caption = element("p");
  for (const [words, kind] of lines) {
    caption.append(...(kind === undefined ? [] : [marker(kind)]), words);
  }
  host.setAttribute("role", "img");
  host.setAttribute("aria-label", lines.map(([words]) => words).join(", "));
  host.append(caption);
  return host;
}

/** Of an axis: short, and nothing for its foot. */
function tick(value: number): string {
  return value === 0 ? "" : `${Math.round(value * 100) / 100}`;
}

function marker(kind: string): HTMLElement {
  const mark = element("i");
  mark.dataset.kind = kind;
  return mark;
}

function element(tag: string, className = ""): HTMLElement {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  return made;
}

function setText(node: Text | undefined, text: string): void {
  if (node !== undefined && node.data !== text) node.data = text;
}
