export * from "./api-error.ts";
export * from "./limits.ts";
export * from "./log.ts";
export type { MembershipOptions } from "./membership-signer.ts";
export * from "./registry.ts";
export * from "./swarm.ts";
export * from "./tracker.ts";
export { createMetrics } from "./tracker-metrics.ts";
