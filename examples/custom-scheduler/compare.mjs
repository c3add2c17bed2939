import { runScenario, STEADY } from "livemesh/sim";
import { NewestFirstPull } from "./newest-first-pull.mjs";

const METER = {
  nowMs: () => performance.now(),
  cpuMs: () => process.cpuUsage().user / 1000,
  peakRssMb: () => process.resourceUsage().maxRSS / 1024,
};

/** The name is what a stream's descriptor would say. */
const PLUG_INS = { schedulers: { "newest-first-pull": (context) => new NewestFirstPull(context) } };

/** One scenario, a strategy of the engine and the one from here, on the same seed. */
export function compare({ peers, seconds, seed }) {
  return ["striped-push", "newest-first-pull"].map((scheduler) => {
    const durationMs = seconds * 1000;
    const scenario = { ...STEADY, scheduler, peers, durationMs, measureFromMs: durationMs / 2 };
    return runScenario(scenario, seed, METER, undefined, PLUG_INS).result;
  });
}
