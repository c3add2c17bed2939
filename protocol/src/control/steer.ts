import * as z from "zod/mini";

/**
 * What a tracker may ask of its peers for an experiment, and within which bounds. It never touches what
 * is verified, never raises what the viewer allows to be uploaded, and ends by itself.
 */
export const STEER_LIMITS = {
  /** For how long one message is good, in ms: whoever loses its tracker is its own master again. */
  forMs: 600_000,
  /** Pause between two reports, in ms: one small message in this time. */
  reportMs: { min: 1000, max: 60_000 },
  /** What takes a block a quarter of a minute is as good as nothing. */
  uploadBps: { min: 8000, max: 1e11 },
  chunkMs: { min: 50, max: 2000 },
} as const;

type Range = { readonly min: number; readonly max: number; readonly isWhole?: boolean };

/**
 * Options of the engine that can be changed while it runs. `originShare` stays above 1: nobody is to
 * be worse off than with plain HTTP. docs/tuning.md says what they mean.
 */
export const TUNABLE_OPTIONS = {
  degreeHigh: { min: 2, max: 30, isWhole: true },
  pushShare: { min: 0.05, max: 1 },
  urgentShare: { min: 0.05, max: 1 },
  seederCopies: { min: 1, max: 32, isWhole: true },
  haveIntervalMs: { min: 100, max: 10_000 },
  pingAfterMs: { min: 300, max: 10_000 },
  requestTimeoutMs: { min: 50, max: 5000 },
  rescueAheadMs: { min: 50, max: 5000 },
  rescueShare: { min: 0, max: 2 },
  originShare: { min: 1, max: 4 },
  subscribeTimeoutMs: { min: 100, max: 10_000 },
  parentSilenceMs: { min: 100, max: 10_000 },
  pullsInFlight: { min: 1, max: 32, isWhole: true },
  treelessHaveIntervalMs: { min: 20, max: 5000 },
  treelessCopies: { min: 1, max: 32, isWhole: true },
} as const satisfies Record<string, Range>;

export type TunableOption = keyof typeof TUNABLE_OPTIONS;

export const TUNABLE_NAMES = Object.keys(TUNABLE_OPTIONS) as TunableOption[];

function within({ min, max, isWhole = false }: Range) {
  return (isWhole ? z.int() : z.number()).check(z.minimum(min), z.maximum(max));
}

function tunableShape() {
  const entries = TUNABLE_NAMES.map((name) => [name, z.optional(within(TUNABLE_OPTIONS[name]))]);
  return Object.fromEntries(entries) as Record<
    TunableOption,
    ReturnType<typeof z.optional<ReturnType<typeof z.number>>>
  >;
}

/** Options of the engine for an experiment; those that are not named stay as they are. */
export const tuningSchema = z.object(tunableShape());
export type Tuning = z.infer<typeof tuningSchema>;

/**
 * All that a tracker wants of one peer from now on: replaces the last such message, and what is not
 * named is as the peer has it.
 */
export const steerSchema = z.object({
  /** After this, in ms, it is as if nothing had been said. */
  forMs: z.number().check(z.minimum(0), z.maximum(STEER_LIMITS.forMs)),
  /** Tell what it does, every so many ms. */
  reportMs: z.optional(within(STEER_LIMITS.reportMs)),
  /** Upload no more than this, in bit/s; what the viewer allows counts if it is less. */
  uploadBps: z.optional(within(STEER_LIMITS.uploadBps)),
  /** Part from all neighbors and take none: as if its links had broken. */
  isAway: z.optional(z.boolean()),
  tuning: z.optional(tuningSchema),
  /** Publishers only: usual length of a chunk from the next one on, in ms. */
  chunkMs: z.optional(within(STEER_LIMITS.chunkMs)),
});
export type Steer = z.infer<typeof steerSchema>;
