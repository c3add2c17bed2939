export type { Membership } from "./membership.ts";
export * from "./tracker-client.ts";
export type { Announced, TrackerRefusal } from "./tracker-replies.ts";
