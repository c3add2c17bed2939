import type { Goodbye } from "#protocol";
import type { TrackerServer } from "./open-sockets.ts";

/** How often some more are told to go, in ms. */
const STEP_MS = 100;
/** Those told at once come back within this time of each other, in ms. */
const SPREAD_MS = 1000;

export const MOVING: Goodbye = {
  code: "moving",
  message: "this tracker stops; connect again, another one answers",
  retryMs: SPREAD_MS,
};

/** Tell everybody to go elsewhere, evenly over `withinMs`, so that others take them in their stride. */
export async function drainSockets(io: TrackerServer, withinMs: number): Promise<void> {
  const sockets = [...io.sockets.sockets.values()];
  const steps = Math.max(1, Math.floor(withinMs / STEP_MS));
  for (let step = 0; step < steps; step++) {
    const from = Math.floor((sockets.length * step) / steps);
    const to = Math.floor((sockets.length * (step + 1)) / steps);
    for (const socket of sockets.slice(from, to)) {
      if (!socket.connected) continue;
      socket.emit("goodbye", MOVING);
      socket.disconnect(true);
    }
    if (step < steps - 1 && io.sockets.sockets.size > 0) await pause(STEP_MS);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
