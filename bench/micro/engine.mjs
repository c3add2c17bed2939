import { quantile } from "../swarm/statistics.mjs";
import { NEIGHBORS, recordTrace, replay, SETTLE_MS } from "./engine-trace.mjs";

const SECONDS = 20;

/** What the decisions of one viewer cost; signatures, bytes and links are not in it. */
export function engine() {
  const relaying = recordTrace({ hasChildren: true, seconds: SECONDS });
  const fed = recordTrace({ hasChildren: false, seconds: SECONDS });
  const wholes = [
    { name: "fed", trace: fed },
    { name: "fed, pushing one copy on", trace: relaying },
  ];
  return {
    name: "engine",
    title: `engine: a step of a viewer with ${NEIGHBORS} neighbors, 2.5 Mbit/s on 8 stripes`,
    unit: "ns",
    // With less, the case that comes first looks dearer than the other, which does more.
    warmUpFactor: 4,
    cases: wholes.map(({ name, trace }) => ({
      name,
      operations: trace.steps.length,
      prepare: () => trace.settledEngine(),
      run: (settled) => replay(settled, trace.steps),
    })),
    figures: (rows, { rounds }) => [
      ...wholes.flatMap(({ name, trace }, at) => wholeFigures(name, trace, rows[at])),
      coldFigure(relaying),
      ...kindFigures(relaying, rounds),
    ],
  };
}

/** The two numbers the simulator's model of a CPU is calibrated with. */
function wholeFigures(name, { steps }, { cpuNs }) {
  const nsPerSecond = (cpuNs.median * steps.length) / SECONDS;
  return [
    { name: `${name}: per event`, value: cpuNs.median, unit: "ns" },
    { name: `${name}: per peer-second of stream`, value: nsPerSecond / 1000, unit: "µs" },
  ];
}

/** A tab that was just opened, compilation included: the figures above are reached only after some
 * six minutes of stream. */
function coldFigure({ recordingCpuUs }) {
  const value = recordingCpuUs / (SETTLE_MS / 1000 + SECONDS);
  return { name: "cold: per peer-second, joining and the first half minute", value, unit: "µs" };
}

/** Which events it goes to: by the wall clock, which can be read between two steps. */
function kindFigures(trace, rounds) {
  const timings = Array.from({ length: rounds }, () => timeKinds(trace));
  return [...timings[0]].map(([kind, { count }]) => ({
    name: `${kind}, ${count / SECONDS} a second`,
    value: quantile(
      timings.map((timing) => (timing.get(kind).wallMs * 1e6) / count),
      0.5,
    ),
    unit: "ns of wall time",
  }));
}

function timeKinds(trace) {
  const engine = trace.settledEngine();
  const kinds = new Map();
  for (const { event, nowMs } of trace.steps) {
    const startedMs = performance.now();
    engine.step(event, nowMs);
    const wallMs = performance.now() - startedMs;
    const name = event.type === "message-received" ? event.message.type : event.type;
    const kind = kinds.get(name) ?? { count: 0, wallMs: 0 };
    kinds.set(name, { count: kind.count + 1, wallMs: kind.wallMs + wallMs });
  }
  return kinds;
}
