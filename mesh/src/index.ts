export * from "./events.ts";
export * from "./mesh-engine.ts";
export * from "./options.ts";
export * from "./stats.ts";
