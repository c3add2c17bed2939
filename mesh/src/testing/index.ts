export * from "./engine-rig.ts";
export * from "./test-stream.ts";
export * from "./virtual-swarm.ts";
