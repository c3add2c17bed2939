/** Steps of latency, in ms: about a second is what we are for, three is what nobody wants. */
export const LATENCY_STEPS_MS = [800, 1200, 1800, 3000] as const;
/** Of round trips between two peers, in ms. */
export const RTT_STEPS_MS = [30, 80, 150, 300] as const;
/** One color more than steps, from good to bad, and last the one of what is not known. */
export const SCALE_COLORS = [
  "--scale-1",
  "--scale-2",
  "--scale-3",
  "--scale-4",
  "--scale-5",
  "--scale-none",
] as const;

/** Place of a value among the colors. */
export function scaleIndex(value: number | undefined, steps: readonly number[]): number {
  if (value === undefined) return SCALE_COLORS.length - 1;
  const at = steps.findIndex((step) => value < step);
  return at < 0 ? steps.length : at;
}
