import type { RunResult } from "../result.ts";
import type { Run } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import {
  classFigure,
  continuityFigure,
  delayFigure,
  type Figure,
  overheadFigure,
  sourceFigure,
  startupFigure,
} from "./charts.ts";
import {
  FIGURES,
  figureOf,
  type NumberField,
  type Figure as TableFigure,
  type Verdict,
  verdicts,
} from "./figures.ts";
import type { Second } from "./series.ts";
import { PAGE_STYLE } from "./style.ts";
import { escapeText } from "./svg.ts";

/** Figures large at the top of the page. */
const TILES: readonly NumberField[] = [
  "continuityMean",
  "delayMsP95",
  "sourceCopies",
  "offload",
  "startupMsP95",
];

/**
 * A page about one run, complete in itself: it asks for nothing from anywhere.
 * @param replay The command that does the run again.
 */
export function reportPage(run: Run, seconds: readonly Second[], replay: string): string {
  const { result, simulation } = run;
  const { scenario } = simulation;
  const charts = [
    delayFigure(run),
    continuityFigure(run),
    sourceFigure(run, seconds),
    overheadFigure(run, seconds),
    classFigure(run),
    startupFigure(run),
  ];
  const subtitle = `${result.peers} viewers · ${scenario.durationMs / 1000} s · seed ${result.seed} · ${result.scheduler}, ${result.overlay} · hash ${result.hash}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeText(scenario.name)}, ${result.peers} viewers: livemesh simulator</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escapeText(scenario.name)}</h1>
<p class="about">${escapeText(scenario.about)}</p>
<p class="run">${escapeText(subtitle)}</p>
</header>
${violationBox(result)}
<section class="tiles">${TILES.map((name) => tile(name, result)).join("")}</section>
<section class="charts">${charts.map(chartBox).join("")}</section>
<section class="all"><h2>All figures</h2><div>${tables(scenario, result)}</div></section>
<footer><p>Again: <code>${escapeText(replay)}</code></p></footer>
</main>
</body>
</html>
`;
}

function tile(name: NumberField, result: RunResult): string {
  const figure = figureOf(name);
  if (figure === undefined) return "";
  const bound = figure.bound(result);
  const beside = bound === undefined ? "" : `at best ${figure.show(bound)}`;
  return `<div class="tile"><h2>${figure.label}</h2><strong>${figure.show(result[name])}</strong><span>${beside}</span></div>`;
}

function chartBox({ title, about, chart, legend }: Figure): string {
  return `<figure><figcaption><h2>${escapeText(title)}</h2><p>${escapeText(about)}</p></figcaption>${legend}${chart}</figure>`;
}

/** Two beside each other, where there is room. */
function tables(scenario: Scenario, result: RunResult): string {
  const half = Math.ceil(FIGURES.length / 2);
  const asked = new Map(verdicts(result, scenario.expect).map((one) => [one.name, one]));
  const of = (figures: readonly TableFigure[]) => table(figures, result, asked);
  return of(FIGURES.slice(0, half)) + of(FIGURES.slice(half));
}

function table(
  figures: readonly TableFigure[],
  result: RunResult,
  asked: ReadonlyMap<string, Verdict>,
): string {
  const rows = figures.map((figure) => {
    const bound = figure.bound(result);
    const beside = bound === undefined ? "" : figure.show(bound);
    return `<tr><th scope="row">${figure.label}</th><td>${figure.show(result[figure.name])}</td><td>${beside}</td>${askedCell(asked.get(figure.name))}</tr>`;
  });
  const heads = ["measured", "bound", "asked"].map((name) => `<th scope="col">${name}</th>`);
  return `<table><thead><tr><th></th>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function askedCell(verdict: Verdict | undefined): string {
  if (verdict === undefined) return "<td></td>";
  const { asked, isMet } = verdict;
  return `<td class="${isMet ? "met" : "unmet"}">${escapeText(asked)} ${isMet ? "✓" : "✗"}</td>`;
}

function violationBox({ violations }: RunResult): string {
  if (violations.length === 0) return "";
  const lines = violations.map((violation) => `<li>${escapeText(violation)}</li>`);
  return `<section class="violations"><h2>Violated</h2><ul>${lines.join("")}</ul></section>`;
}
