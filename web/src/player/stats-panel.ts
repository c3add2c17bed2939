import type { PlayerStats } from "./player-stats.ts";
import { bytesBar, percent, savingsLine, statsRows } from "./stats-rows.ts";

/** The statistics panel's content; made when it is opened first. */
export class StatsPanel {
  readonly #host: HTMLElement;
  readonly #headline: HTMLElement;
  readonly #segments: HTMLElement[];
  readonly #legend: Text[];
  readonly #values: Text[];

  constructor(host: HTMLElement, stats: PlayerStats) {
    this.#host = host;
    this.#headline = document.createElement("h2");
    const bar = element("div", "bar");
    const legend = element("ul", "legend");
    this.#segments = bytesBar(stats).map(({ kind }) => marker(kind));
    bar.append(...this.#segments);
    this.#legend = bytesBar(stats).map(({ kind }) => {
      const text = new Text();
      const item = document.createElement("li");
      item.append(marker(kind), text);
      legend.append(item);
      return text;
    });
    const list = document.createElement("dl");
    this.#values = statsRows(stats).map(({ label }) => {
      const term = document.createElement("dt");
      const value = new Text();
      const description = document.createElement("dd");
      term.textContent = label;
      description.append(value);
      list.append(term, description);
      return value;
    });
    this.#host.replaceChildren(this.#headline, bar, legend, list);
    this.render(stats);
  }

  render(stats: PlayerStats): void {
    this.#headline.textContent = savingsLine(stats);
    for (const [i, { label, share }] of bytesBar(stats).entries()) {
      this.#segments[i]?.style.setProperty("--share", share.toFixed(4));
      setText(this.#legend[i], `${percent(share)} ${label}`);
    }
    for (const [i, { value }] of statsRows(stats).entries()) setText(this.#values[i], value);
  }
}

function marker(kind: string): HTMLElement {
  const mark = document.createElement("i");
  mark.dataset.kind = kind;
  return mark;
}

function element(tag: "div" | "ul", className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

function setText(node: Text | undefined, text: string): void {
  if (node !== undefined && node.data !== text) node.data = text;
}
