import {
  type Axis,
  escapeText,
  HEIGHT,
  lineAt,
  MARGIN,
  round,
  scaleX,
  scaleY,
  svg,
  textAt,
  WIDTH,
  xAxis,
  yAxis,
} from "./svg.ts";

export type Point = { x: number; y: number };
/** `kind` is the class the page gives a colour. */
export type Curve = { name: string; kind: "first" | "second" | "bound"; points: readonly Point[] };
/** A moment or value worth a line of its own. */
export type Mark = { x: number; text: string };

export type LineChart = {
  name: string;
  x: Axis;
  y: Axis;
  curves: readonly Curve[];
  marks: readonly Mark[];
};

/** Curves over one axis; pointing at a column tells all values there. */
export function lineChart({ name, x, y, curves, marks }: LineChart): string {
  const drawn = curves.map(({ kind, points }) => {
    const path = points.map((point) => `${round(scaleX(x, point.x))},${round(scaleY(y, point.y))}`);
    return `<polyline points="${path.join(" ")}" class="curve ${kind}"/>`;
  });
  return svg(
    name,
    [yAxis(y), xAxis(x), ...markLines(marks, x), ...drawn, ...columnsOf(x, y, curves)].join(""),
  );
}

/** Names and colours; nothing to tell apart where there is one curve. */
export function legend(curves: readonly Curve[]): string {
  if (curves.length < 2) return "";
  const entries = curves.map(
    ({ name, kind }) => `<span class="key ${kind}">${escapeText(name)}</span>`,
  );
  return `<div class="legend">${entries.join("")}</div>`;
}

/** Texts closer than this, in chart units, take turns in height. */
const MARK_WIDTH = 120;

function markLines(marks: readonly Mark[], x: Axis): string[] {
  let row = 0;
  return marks.map(({ x: value, text }, i) => {
    const at = scaleX(x, value);
    const before = marks[i - 1];
    const isCrowded = before !== undefined && Math.abs(at - scaleX(x, before.x)) < MARK_WIDTH;
    row = isCrowded ? (row + 1) % 3 : 0;
    const isNearEnd = at > WIDTH - MARGIN.right - MARK_WIDTH;
    const anchor = isNearEnd ? "end" : "start";
    const place = `class="mark" text-anchor="${anchor}"`;
    const label = textAt(at + (isNearEnd ? -4 : 4), MARGIN.top - 8 + 13 * row, text, place);
    return lineAt(at, MARGIN.top - 16, at, HEIGHT - MARGIN.bottom, "mark") + label;
  });
}

/** Invisible columns around the first curve's points. */
function columnsOf(x: Axis, y: Axis, curves: readonly Curve[]): string[] {
  const points = curves[0]?.points ?? [];
  return points.map((point, i) => {
    const from = scaleX(x, (point.x + (points[i - 1]?.x ?? point.x)) / 2);
    const to = scaleX(x, (point.x + (points[i + 1]?.x ?? point.x)) / 2);
    const values = curves.map((curve) => {
      const value = curve.points.findLast((other) => other.x <= point.x) ?? curve.points[0];
      return `${curve.name}: ${value === undefined ? "?" : y.show(value.y)}`;
    });
    const title = escapeText([`${x.show(point.x)} ${x.label}`, ...values].join("\n"));
    const height = HEIGHT - MARGIN.top - MARGIN.bottom;
    const box = `x="${round(from)}" y="${MARGIN.top}" width="${round(Math.max(1, to - from))}" height="${height}"`;
    return `<rect ${box} class="column"><title>${title}</title></rect>`;
  });
}
