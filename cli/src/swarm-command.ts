import { LiveView } from "./swarm/live-view.ts";
import { summarize } from "./swarm/summary.ts";
import { summaryLines } from "./swarm/summary-text.ts";
import { Swarm } from "./swarm/swarm.ts";
import type { SwarmFlags } from "./swarm/swarm-flags.ts";
import { checkSwarm } from "./swarm/swarm-options.ts";

/**
 * Runs a swarm to its end and says what it came to.
 * @returns The exit code: 1 when a peer had gaps or died.
 */
export async function runSwarm(
  peerCount: number,
  media: string,
  flags: SwarmFlags,
): Promise<number> {
  const options = checkSwarm(peerCount, media, flags);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // Asked twice: leaving at once kills what still runs.
      if (stop.signal.aborted) process.exit(1);
      stop.abort();
    });
  }
  const view = new LiveView(flags.json ? process.stderr : process.stdout);
  const state = await new Swarm(options, view).run(stop.signal);
  view.clear();
  const summary = summarize(state);
  const lines = flags.json ? [JSON.stringify(summary)] : summaryLines(summary, state, options);
  process.stdout.write(`${lines.join("\n")}\n`);
  return summary.problems.length > 0 ? 1 : 0;
}
