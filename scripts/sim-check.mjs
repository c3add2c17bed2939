// `npm run sim:check`: build what is older than its sources, then compare with the baselines.
import { buildSim } from "./build-sim.mjs";

buildSim();
await import("../dist/sim/command-line/check.js");
