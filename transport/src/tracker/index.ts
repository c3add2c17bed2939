export type { Membership } from "./membership.ts";
export { tokenPeerId } from "./token-peer-id.ts";
export * from "./tracker-client.ts";
export type { Announced, TrackerRefusal } from "./tracker-replies.ts";
export * from "./viewer-reports.ts";
