import * as z from "zod/mini";
import { isPeerId } from "../ids.ts";
import { ROLES } from "../peer-record.ts";
import { NAT_CLASSES } from "../tracker-fields.ts";
import { STEER_LIMITS, tuningSchema } from "./steer.ts";

/**
 * The operator's HTTP API below `/api/control`: what it takes and what it answers. The tracker serves it,
 * the dashboard and `livemesh ctl` use it, and its OpenAPI description is made from these schemas.
 */
export const CONTROL_LIMITS = {
  /** Peers named in one order. */
  orderedPeers: 500,
  /** Orders end by themselves after this, in seconds. */
  orderSec: 3600,
} as const;

const count = z.number().check(z.minimum(0));
const peerId = z.string().check(z.refine(isPeerId));
const whole = z.int().check(z.minimum(0));

/** Where bytes came from, and what was given on; rates in bit/s. */
const ratesSchema = z.object({ peers: count, seeder: count, origin: count, uploaded: count });

export const ALERT_KINDS = ["offload-below", "stalls-above", "latency-above"] as const;

const alertSchema = z.object({
  kind: z.enum(ALERT_KINDS),
  streamId: z.string(),
  /** What was found, and the bound it crossed. Shares 0 to 1, stalls per viewer and minute, ms. */
  value: z.number(),
  bound: z.number(),
  /** Unix time in ms. */
  sinceMs: whole,
});

/** A bound that is left out is not watched. */
export const alertRulesSchema = z.strictObject({
  /** Share of the bytes that came from peers, 0 to 1. */
  offloadBelow: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
  /** Stalls per viewer and minute. */
  stallsAbove: z.optional(z.number().check(z.minimum(0), z.maximum(60))),
  /** Median latency, in ms. */
  latencyAboveMs: z.optional(z.number().check(z.minimum(0), z.maximum(600_000))),
  /** Swarms with fewer viewers have nobody to get much from: they are not judged. */
  viewersMin: z.int().check(z.minimum(1), z.maximum(100_000)),
  /** For so long it has to be so, in seconds. */
  holdSec: z.number().check(z.minimum(0), z.maximum(3600)),
});

export const alertsSchema = z.object({ rules: alertRulesSchema, firing: z.array(alertSchema) });

/** How a stream did in the 10 s before `atMs`. What nobody told is left out. */
export const streamPointSchema = z.object({
  /** Unix time in ms. */
  atMs: whole,
  viewers: whole,
  /** Viewers that told how they fare. */
  reports: whole,
  latencyP50Ms: z.optional(count),
  latencyP95Ms: z.optional(count),
  /** Stalls per viewer and minute. */
  stallsPerMinute: z.optional(count),
  /** Share of their bytes that came from peers, 0 to 1. */
  offload: z.optional(z.number()),
  /** Of all viewers together, as they tell. */
  viewersBps: ratesSchema,
  /** As the publisher tells: one copy of the stream, what the seeder and the origin sent. */
  publisherBps: z.object({ copy: count, seeder: count, origin: count }),
  rejectedBlocks: whole,
});

/** What a stream's experiment changes; what is not named is as everybody has it. */
export const experimentSchema = z.strictObject({
  tuning: z.optional(z.strictObject(tuningSchema.shape)),
  /** Usual length of a chunk, in ms; the ingest takes it within its own bounds. */
  chunkMs: z.optional(
    z.int().check(z.minimum(STEER_LIMITS.chunkMs.min), z.maximum(STEER_LIMITS.chunkMs.max)),
  ),
});

export const controlStreamSchema = z.object({
  id: z.string(),
  title: z.string(),
  live: z.boolean(),
  viewers: whole,
  scheduler: z.string(),
  overlay: z.string(),
  chunkMs: whole,
  /** Of all tracks. */
  bitrateBps: count,
  startedAt: z.string(),
  newest: z.optional(streamPointSchema),
  experiment: experimentSchema,
  /** Peers under an order of their own. */
  orderedPeers: whole,
  isRecording: z.boolean(),
  alerts: z.array(alertSchema),
});

const orderShape = {
  /** Upload no more than this, in bit/s. */
  uploadBps: z.optional(
    z.number().check(z.minimum(STEER_LIMITS.uploadBps.min), z.maximum(STEER_LIMITS.uploadBps.max)),
  ),
  /** Out of the mesh, as if its links had broken. */
  isAway: z.optional(z.boolean()),
};

/** An order to some peers: replaces the last one each of them had; one that names nothing lifts it. */
export const peerOrderSchema = z.strictObject({
  peerIds: z.array(peerId).check(z.minLength(1), z.maxLength(CONTROL_LIMITS.orderedPeers)),
  ...orderShape,
  /** After so many seconds it is over. */
  forSec: z.number().check(z.minimum(1), z.maximum(CONTROL_LIMITS.orderSec)),
});

const standingOrderSchema = z.object({ ...orderShape, endsInSec: count });

/** One peer as it told last. */
const peerFiguresShape = {
  peerId: z.string(),
  role: z.enum(ROLES),
  /** Age of the report, in ms. */
  ageMs: count,
  latencyMs: z.optional(count),
  stalls: whole,
  stalledMs: count,
  bps: ratesSchema,
  uplink: z.object({ budgetBps: count, promisedBps: count }),
  missedChunks: whole,
  rejectedBlocks: whole,
  neighborCount: whole,
  order: z.optional(standingOrderSchema),
};

export const meshPeerSchema = z.object(peerFiguresShape);

/** What one peer gets from another: `from` pushes so many stripes to `to`. */
export const meshLinkSchema = z.object({
  from: z.string(),
  to: z.string(),
  stripes: whole,
  bps: count,
  rttMs: z.optional(count),
});

export const meshPictureSchema = z.object({
  streamId: z.string(),
  atMs: whole,
  /** In the swarm; of very large ones only some are asked. */
  members: whole,
  asked: whole,
  peers: z.array(meshPeerSchema),
  links: z.array(meshLinkSchema),
});

export const controlPeerSchema = z.object({
  ...peerFiguresShape,
  /** What it said of itself when it came. */
  hints: z.object({
    uploadBps: z.optional(count),
    nat: z.optional(z.enum(NAT_CLASSES)),
    region: z.optional(z.string()),
  }),
  neighbors: z.array(
    z.object({
      peerId: z.string(),
      role: z.optional(z.enum(ROLES)),
      rttMs: z.optional(count),
      receivedBps: count,
      sentBps: count,
      parentOf: whole,
      childOf: whole,
    }),
  ),
  /** Its last reports, oldest first. */
  history: z.array(
    z.object({
      atMs: whole,
      latencyMs: z.optional(count),
      downBps: count,
      peersBps: count,
      upBps: count,
    }),
  ),
});

export const recordingStateSchema = z.object({
  isRunning: z.boolean(),
  /** Unix time in ms; undefined when nothing was recorded. */
  startedAtMs: z.optional(whole),
  endedAtMs: z.optional(whole),
  points: whole,
  peerRows: whole,
  /** It ended by itself: no more is kept of one recording. */
  isFull: z.boolean(),
});

/** One peer at one moment of a recording. */
export const recordedPeerSchema = z.object({
  atMs: whole,
  peerId: z.string(),
  role: z.enum(ROLES),
  latencyMs: z.optional(count),
  stalls: whole,
  stalledMs: count,
  peersBps: count,
  seederBps: count,
  originBps: count,
  uploadedBps: count,
  missedChunks: whole,
  rejectedBlocks: whole,
  neighborCount: whole,
});

export const recordingSchema = z.object({
  streamId: z.string(),
  state: recordingStateSchema,
  /** What was changed meanwhile: each experiment and order, when it was given. */
  events: z.array(z.object({ atMs: whole, what: z.string() })),
  points: z.array(streamPointSchema),
  peers: z.array(recordedPeerSchema),
});

export type AlertRules = z.infer<typeof alertRulesSchema>;
export type Alert = z.infer<typeof alertSchema>;
export type Alerts = z.infer<typeof alertsSchema>;
export type StreamPoint = z.infer<typeof streamPointSchema>;
export type Experiment = z.infer<typeof experimentSchema>;
export type ControlStream = z.infer<typeof controlStreamSchema>;
export type PeerOrder = z.infer<typeof peerOrderSchema>;
export type StandingOrder = z.infer<typeof standingOrderSchema>;
export type MeshPeerFigures = z.infer<typeof meshPeerSchema>;
export type MeshLink = z.infer<typeof meshLinkSchema>;
export type MeshPicture = z.infer<typeof meshPictureSchema>;
export type ControlPeer = z.infer<typeof controlPeerSchema>;
export type RecordingState = z.infer<typeof recordingStateSchema>;
export type RecordedPeer = z.infer<typeof recordedPeerSchema>;
export type Recording = z.infer<typeof recordingSchema>;
