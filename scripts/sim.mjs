// `npm run sim -- <options>`: build what is older than its sources, then run the simulator.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

const tsc = [path("node_modules/typescript/bin/tsc"), "-b", path("sim/src/command-line")];
const { status } = spawnSync(process.execPath, tsc, { stdio: ["ignore", 2, 2] });
if (status !== 0) {
  process.stderr.write("sim: building failed, see above\n");
  process.exit(status ?? 1);
}
await import("../dist/sim/command-line/main.js");
