import { postalCurve } from "../bounds.ts";
import { continuityOverTime } from "../continuity.ts";
import { NEVER_MS, quantile } from "../measure.ts";
import type { Run } from "../run.ts";
import type { Incident, Scenario } from "../scenario.ts";
import type { Simulation } from "../simulation.ts";
import { typicalHop } from "../typical-hop.ts";
import type { SimPeer } from "../viewer.ts";
import { type Bin, type Group, groupChart, histogramChart } from "./bar-charts.ts";
import { type Curve, legend, lineChart, type Mark } from "./line-chart.ts";
import type { Second } from "./series.ts";
import type { Axis } from "./svg.ts";

/** A chart with what is said about it. */
export type Figure = { title: string; about: string; chart: string; legend: string };

const CURVE_POINTS = 120;
const percent = (digits: number) => (value: number) => `${(100 * value).toFixed(digits)} %`;
const plain = (value: number) => String(Math.round(value * 100) / 100);

function timeAxis({ durationMs }: Scenario): Axis {
  return { min: 0, max: durationMs / 1000, show: plain, label: "s" };
}

/** How many viewers have a block after which time, and how many could at best. */
export function delayFigure({ simulation, result }: Run): Figure {
  const { delays } = simulation;
  const alive = Math.max(1, simulation.aliveViewers.length);
  const floor = postalCurve(alive + 1, typicalHop(simulation));
  const maxMs = Math.max(delays.quantile(0.995), 1.2 * result.floorMs, 100);
  const timesMs = Array.from({ length: CURVE_POINTS + 1 }, (_, i) => (maxMs * i) / CURVE_POINTS);
  const shares = delays.curve(timesMs);
  const atBest = (ms: number) => (floor.findLast(({ timeMs }) => timeMs <= ms)?.informed ?? 1) - 1;
  const curves: Curve[] = [
    { name: "measured", kind: "first", points: timesMs.map((x, i) => ({ x, y: shares[i] ?? 0 })) },
    {
      name: "latency-aware floor",
      kind: "bound",
      points: timesMs.map((x) => ({ x, y: Math.min(1, atBest(x) / alive) })),
    },
  ];
  const marks: Mark[] = [
    { x: result.delayMsP50, text: `p50 ${Math.round(result.delayMsP50)} ms` },
    { x: result.delayMsP95, text: `p95 ${Math.round(result.delayMsP95)} ms` },
  ];
  const x: Axis = { min: 0, max: maxMs, show: (ms) => String(Math.round(ms)), label: "ms" };
  const y: Axis = { min: 0, max: 1, show: percent(0), label: "" };
  return {
    title: "From source to viewer",
    about: "Share of blocks that have reached a viewer this long after they were published",
    chart: lineChart({ name: "Cumulative delay of blocks", x, y, curves, marks }),
    legend: legend(curves),
  };
}

/** Share of viewers that had each chunk in time. */
export function continuityFigure({ simulation }: Run): Figure {
  const { scenario } = simulation;
  const shares = continuityOverTime(simulation, honest(simulation));
  const { stream, playoutMs } = scenario;
  const from = Math.ceil(5000 / stream.chunkMs);
  // By the time it is played: by the time it was made, incidents would seem to have effects before.
  const playedAtS = (i: number) => (i * stream.chunkMs + playoutMs) / 1000;
  const points = shares.map((y, i) => ({ x: playedAtS(i), y })).slice(from);
  const least = points.reduce((min, { y }) => Math.min(min, y), 0.99);
  const y: Axis = { min: Math.floor(20 * least) / 20, max: 1, show: percent(0), label: "" };
  const curves: Curve[] = [{ name: "continuity", kind: "first", points }];
  return {
    title: "Continuity",
    about: `Share of viewers that had each chunk when it was to be played, ${playoutMs / 1000} s behind the source`,
    chart: lineChart({
      name: "Continuity over time",
      x: timeAxis(scenario),
      y: { ...y, show: percent(y.min >= 0.8 ? 1 : 0) },
      curves,
      marks: scenario.incidents.flatMap(incidentMarks),
    }),
    legend: "",
  };
}

/** What the source sends, second by second. */
export function sourceFigure({ simulation, result }: Run, seconds: readonly Second[]): Figure {
  const points = seconds.map(({ atMs, sourceCopies }) => ({ x: atMs / 1000, y: sourceCopies }));
  const bound = result.sourceCopiesBound;
  const curves: Curve[] = [
    { name: "copies sent", kind: "first", points },
    { name: "least possible", kind: "bound", points: points.map(({ x }) => ({ x, y: bound })) },
  ];
  const most = Math.max(2, bound, ...points.map(({ y }) => y));
  return {
    title: "Copies from the source",
    about: "What seeder and origin send, joins and rescue included, as copies of the stream",
    chart: lineChart({
      name: "Source copies over time",
      x: timeAxis(simulation.scenario),
      y: { min: 0, max: 1.05 * most, show: plain, label: "" },
      curves,
      marks: simulation.scenario.incidents.flatMap(incidentMarks),
    }),
    legend: legend(curves),
  };
}

/** What does not help: blocks that came twice, and messages that are no blocks. */
export function overheadFigure({ simulation }: Run, seconds: readonly Second[]): Figure {
  const pointsOf = (key: "duplicateRatio" | "controlRatio") =>
    seconds.map((second) => ({ x: second.atMs / 1000, y: second[key] }));
  const curves: Curve[] = [
    { name: "duplicates", kind: "first", points: pointsOf("duplicateRatio") },
    { name: "control", kind: "second", points: pointsOf("controlRatio") },
  ];
  // The first seconds are all control and no stream: they would flatten the rest.
  const settled = curves.flatMap(({ points }) => points.filter(({ x }) => x > 8).map(({ y }) => y));
  const max = 1.1 * Math.max(0.02, ...settled);
  const cut = curves.map((curve) => ({
    ...curve,
    points: curve.points.map(({ x, y }) => ({ x, y: Math.min(max, y) })),
  }));
  return {
    title: "Overhead",
    about: "Blocks that came a second time, and all other messages, over useful bytes",
    chart: lineChart({
      name: "Duplicates and control over time",
      x: timeAxis(simulation.scenario),
      y: { min: 0, max, show: percent(max > 0.2 ? 0 : 1), label: "" },
      curves: cut,
      marks: simulation.scenario.incidents.flatMap(incidentMarks),
    }),
    legend: legend(curves),
  };
}

/** Whether weak uplinks are served worse. */
export function classFigure({ simulation }: Run): Figure {
  const { scenario } = simulation;
  const groups = scenario.uplinks.flatMap(({ ofStreamRate }): Group[] => {
    const uplinkBps = ofStreamRate * scenario.stream.bitrateBps;
    const viewers = honest(simulation).filter(({ host }) => host.traits.uplinkBps === uplinkBps);
    const ages = viewers.flatMap((viewer) => agesOf(simulation, viewer));
    if (ages.length === 0) return [];
    const [low = 0, middle = 0, high = 0] = [0.05, 0.5, 0.95].map((share) => quantile(ages, share));
    return [{ name: `uplink ${plain(ofStreamRate)} ×`, count: viewers.length, low, middle, high }];
  });
  const max = 1.1 * Math.max(500, ...groups.map(({ high }) => high));
  return {
    title: "By uplink",
    about: "Age of complete chunks behind the source: the median, and where nine of ten lie",
    chart: groupChart(
      "Age of chunks by uplink",
      { min: 0, max, show: (ms) => String(Math.round(ms)), label: "ms" },
      groups,
    ),
    legend: "",
  };
}

/** From joining to the first picture. */
export function startupFigure({ simulation, result }: Run): Figure {
  const times = honest(simulation).flatMap(({ record }) => record.startupMs ?? []);
  const maxMs = Math.max(1000, ...times);
  const binMs = Math.ceil(maxMs / 24 / 50) * 50;
  const bins = Array.from({ length: Math.ceil((maxMs + 1) / binMs) }, (_, i): Bin => {
    const [from, to] = [i * binMs, (i + 1) * binMs];
    const count = times.filter((ms) => ms >= from && ms < to).length;
    return { from, to, share: count / Math.max(1, times.length) };
  });
  const never = result.neverStarted > 0 ? `; ${result.neverStarted} never started` : "";
  return {
    title: "Start-up",
    about: `From joining to the first picture, share of viewers${never}`,
    chart: histogramChart(
      "Start-up times",
      {
        min: 0,
        max: bins.at(-1)?.to ?? maxMs,
        show: (ms) => String(Math.round(ms)),
        label: "ms",
      },
      bins,
    ),
    legend: "",
  };
}

function honest({ viewers }: Simulation): SimPeer[] {
  return viewers.filter(({ misbehavior }) => misbehavior === undefined);
}

/** Of the video chunks within what is measured. */
function agesOf({ scenario }: Simulation, { record }: SimPeer): number[] {
  const fromMs = Math.max(scenario.measureFromMs, record.joinedAtMs + 3000);
  const first = Math.ceil(fromMs / scenario.stream.chunkMs);
  return [...(record.ageMs[0] ?? []).slice(first)].filter((ms) => ms !== NEVER_MS);
}

function incidentMarks(incident: Incident): Mark[] {
  const x = incident.atMs / 1000;
  switch (incident.type) {
    case "vanish":
      return [{ x, text: `${Math.round(100 * incident.share)} % vanish` }];
    case "crowd":
      return [
        { x, text: `${incident.viewers} arrive` },
        { x: x + incident.overMs / 1000, text: "all there" },
      ];
    case "seeder-cut":
      return [
        { x, text: "seeder cut" },
        { x: x + incident.forMs / 1000, text: "back" },
      ];
    case "tracker-lost":
      return [{ x, text: "tracker lost" }];
    case "origin-lost":
      return [{ x, text: "origin lost" }];
    case "slow-uplinks":
      return [{ x, text: `${Math.round(100 * incident.share)} % slow down` }];
    case "turn":
      return [{ x, text: `${Math.round(100 * incident.share)} % turn ${incident.into}` }];
  }
}
