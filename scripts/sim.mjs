// `npm run sim -- <options>`: build what is older than its sources, then run the simulator.
import { buildSim } from "./build-sim.mjs";

buildSim();
await import("../dist/sim/command-line/main.js");
