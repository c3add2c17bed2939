/** Size of every chart in its own units; the page scales it. */
export const WIDTH = 640;
export const HEIGHT = 280;
/** Room for the axes' texts and for what is written above the curves. */
export const MARGIN = { left: 58, right: 18, top: 22, bottom: 34 };

export type Range = { min: number; max: number };
export type Axis = Range & { show(value: number): string; label: string };

export function scaleX({ min, max }: Range, value: number): number {
  const inside = WIDTH - MARGIN.left - MARGIN.right;
  return MARGIN.left + (inside * (value - min)) / Math.max(1e-9, max - min);
}

export function scaleY({ min, max }: Range, value: number): number {
  const inside = HEIGHT - MARGIN.top - MARGIN.bottom;
  return HEIGHT - MARGIN.bottom - (inside * (value - min)) / Math.max(1e-9, max - min);
}

/** About so many round numbers in the range. */
export function ticks({ min, max }: Range, about: number): number[] {
  const rough = Math.max(1e-9, max - min) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? power;
  const first = Math.ceil(min / step - 1e-6);
  const count = Math.floor(max / step + 1e-6) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
}

export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export function textAt(x: number, y: number, text: string, attributes: string): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escapeText(text)}</text>`;
}

export function lineAt(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map(round);
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" class="${kind}"/>`;
}

export function xAxis(axis: Axis): string {
  const y = HEIGHT - MARGIN.bottom;
  const marks = ticks(axis, 7).map((value) =>
    textAt(scaleX(axis, value), y + 16, axis.show(value), 'class="tick" text-anchor="middle"'),
  );
  const label = textAt(WIDTH - MARGIN.right, y + 30, axis.label, 'class="tick" text-anchor="end"');
  return [lineAt(MARGIN.left, y, WIDTH - MARGIN.right, y, "base"), ...marks, label].join("");
}

export function yAxis(axis: Axis): string {
  return ticks(axis, 4)
    .map((value) => {
      const y = scaleY(axis, value);
      const text = textAt(
        MARGIN.left - 8,
        y + 4,
        axis.show(value),
        'class="tick" text-anchor="end"',
      );
      return lineAt(MARGIN.left, y, WIDTH - MARGIN.right, y, "grid") + text;
    })
    .join("");
}

/** @param name What it shows, for those who do not see it. */
export function svg(name: string, content: string): string {
  const label = escapeText(name).replaceAll('"', "&quot;");
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${content}</svg>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
