const NS_PER_UNIT = { ns: 1, µs: 1000 };

/** For a terminal: a line a case, then the figures. */
export function tableOf({ title, unit, rows, figures }) {
  const time = (ns) => numeral(ns / NS_PER_UNIT[unit]);
  const columns = [
    ["", (row) => row.name],
    [`CPU ${unit}`, (row) => time(row.cpuNs.median)],
    ["spread", (row) => `${time(row.cpuNs.min)} – ${time(row.cpuNs.max)}`],
    [`main thread ${unit}`, (row) => row.mainThreadNs && time(row.mainThreadNs.median)],
    [`wall ${unit}`, (row) => time(row.wallNs.median)],
    ["per CPU second", (row) => numeral(1e9 / row.cpuNs.median)],
    ["per second", (row) => row.mainThreadNs && numeral(1e9 / row.wallNs.median)],
    ["MB/s", (row) => row.bytesEach && numeral((row.bytesEach * 1000) / row.cpuNs.median)],
  ].filter(([, text]) => rows.some((row) => text(row) !== undefined));
  const lines = [
    columns.map(([heading]) => heading),
    ...rows.map((row) => columns.map(([, text]) => text(row) ?? "")),
  ];
  return [
    title,
    ...aligned(lines),
    ...figures.map(({ name, value, unit }) => `=> ${name}: ${numeral(value)} ${unit}`),
  ].join("\n");
}

/** Three digits that mean something, and commas by the thousand. */
export function numeral(value) {
  if (!Number.isFinite(value)) return "–";
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

function aligned(lines) {
  const widths = lines[0].map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  return lines.map((line) =>
    line
      .map((text, at) => (at === 0 ? text.padEnd(widths[at]) : text.padStart(widths[at])))
      .join("  ")
      .trimEnd(),
  );
}
