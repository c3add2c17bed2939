export * from "./events.ts";
export * from "./mesh-engine.ts";
export * from "./options.ts";
export * from "./scheduler.ts";
export { SCHEDULERS } from "./schedulers.ts";
export * from "./stats.ts";
