export * from "./headless-peer.ts";
export * from "./introducer.ts";
export * from "./node-peer-error.ts";
export { outputs } from "./outputs/create-output.ts";
export type { Output, OutputContext, OutputKind, OutputOptions } from "./outputs/output.ts";
export * from "./peer-log.ts";
export type { PeerStats } from "./peer-stats.ts";
export * from "./watch-url.ts";
