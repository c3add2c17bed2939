export * from "./test-stream.ts";
export * from "./virtual-swarm.ts";
