import type { SimFlags } from "./program.ts";

/** The command that does one of these runs again, alone. */
export function replayCommand(flags: SimFlags, seed: number): string {
  const { scenario, peers, seconds, resourceIndex, option = {} } = flags;
  const words = ["npm run sim --", `--scenario ${scenario}`, `--seed ${seed}`];
  if (peers !== undefined) words.push(`--peers ${peers}`);
  if (seconds !== undefined) words.push(`--seconds ${seconds}`);
  if (resourceIndex !== undefined) words.push(`--resource-index ${resourceIndex}`);
  if (flags.flat) words.push("--flat");
  if (flags.scheduler !== undefined) words.push(`--scheduler ${flags.scheduler}`);
  if (flags.overlay !== undefined) words.push(`--overlay ${flags.overlay}`);
  if (flags.topology !== undefined) words.push(`--topology ${flags.topology}`);
  for (const [name, value] of Object.entries(option)) words.push(`--option ${name}=${value}`);
  return words.join(" ");
}
