export * from "./events.ts";
export * from "./mesh-engine.ts";
export * from "./options.ts";
export type {
  Acquaintance,
  OverlayContext,
  OverlayFactory,
  OverlayPolicy,
  Topology,
} from "./overlay/overlay-policy.ts";
export { OVERLAYS } from "./overlay/overlays.ts";
export type { Part } from "./part.ts";
export * from "./scheduler.ts";
export { SCHEDULERS } from "./schedulers.ts";
export * from "./stats.ts";
