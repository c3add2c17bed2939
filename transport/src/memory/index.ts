export * from "./memory-network.ts";
export * from "./scheduler.ts";
