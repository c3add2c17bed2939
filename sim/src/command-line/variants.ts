import { SCHEDULERS } from "#mesh";
import type { SimFlags } from "./program.ts";

/** One of several runs side by side: its name in the table, and the command line that asks for it alone. */
export type Variant = { name: string; flags: SimFlags };

/** What can be had in practice, and where it becomes hard: limits A1. */
const RESOURCE_INDEXES = [1.05, 1.1, 1.2, 1.5, 2, 3];

/** Names in a cross-check's table. */
export const ENGINE = "engine";
export const FLAT = "flat model";

/** The runs that a command line asks for. @param scheduler The scenario's own. */
export function variantsOf(flags: SimFlags, scheduler: string): Variant[] {
  const alone = { ...flags, compare: false, sweep: false, crossCheck: false };
  if (flags.compare) {
    return SCHEDULERS.map((name) => ({ name, flags: { ...alone, scheduler: name } }));
  }
  if (flags.sweep) {
    return RESOURCE_INDEXES.map((resourceIndex) => ({
      name: resourceIndex.toFixed(2),
      flags: { ...alone, resourceIndex },
    }));
  }
  if (flags.crossCheck) {
    return [
      { name: ENGINE, flags: alone },
      { name: FLAT, flags: { ...alone, flat: true } },
    ];
  }
  return [{ name: scheduler, flags: alone }];
}
