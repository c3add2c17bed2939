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

export type Bin = { from: number; to: number; share: number };

/** Shares of viewers by value, one bar a bin. */
export function histogramChart(name: string, x: Axis, bins: readonly Bin[]): string {
  const most = Math.max(0.05, ...bins.map(({ share }) => share));
  const show = (share: number) => `${Math.round(100 * share)} %`;
  const y: Axis = { min: 0, max: most * 1.1, show, label: "" };
  const bars = bins.map(({ from, to, share }) => {
    const left = scaleX(x, from) + 1;
    const width = Math.max(1, scaleX(x, to) - left - 1);
    const top = scaleY(y, share);
    const title = escapeText(
      `${x.show(from)} to ${x.show(to)} ${x.label}: ${show(share)} of viewers`,
    );
    const box = `x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(HEIGHT - MARGIN.bottom - top)}" rx="2"`;
    return `<rect ${box} class="bar"><title>${title}</title></rect>`;
  });
  return svg(name, [yAxis(y), ...bars, xAxis(x)].join(""));
}

/** A group of viewers: the middle, and where nine tenths of it lie. */
export type Group = { name: string; count: number; low: number; middle: number; high: number };

/** One row a group: a bar from low to high with the middle in it. */
export function groupChart(name: string, x: Axis, groups: readonly Group[]): string {
  const rowHeight = (HEIGHT - MARGIN.top - MARGIN.bottom) / Math.max(1, groups.length);
  const rows = groups.map((group, i) => {
    const y = MARGIN.top + rowHeight * (i + 0.62);
    const [low, middle, high] = [group.low, group.middle, group.high].map((ms) => scaleX(x, ms));
    if (low === undefined || middle === undefined || high === undefined) return "";
    const title = `${group.name}: half within ${x.show(group.middle)} ${x.label}, 95 % within ${x.show(group.high)}`;
    return [
      textAt(MARGIN.left, y - 12, `${group.name} · ${group.count} viewers`, 'class="group"'),
      lineAt(MARGIN.left, y, WIDTH - MARGIN.right, y, "grid"),
      `<rect x="${round(low)}" y="${round(y - 5)}" width="${round(Math.max(2, high - low))}" height="10" rx="5" class="span"><title>${escapeText(title)}</title></rect>`,
      `<circle cx="${round(middle)}" cy="${round(y)}" r="6" class="middle"><title>${escapeText(title)}</title></circle>`,
    ].join("");
  });
  return svg(name, [...rows, xAxis(x)].join(""));
}
