import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Knows by itself what is up to date; a second when nothing changed. Ends the process on failure. */
export function buildSim() {
  const args = [path("node_modules/typescript/bin/tsc"), "-b", path("sim/src/command-line")];
  const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  process.stderr.write("sim: building failed, see above\n");
  process.exit(status ?? 1);
}
