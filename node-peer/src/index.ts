export * from "./headless-peer.ts";
export * from "./node-peer-error.ts";
export * from "./peer-log.ts";
export type { PeerStats } from "./peer-stats.ts";
export * from "./watch-url.ts";
