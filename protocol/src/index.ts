export * from "./base32.ts";
export * from "./block.ts";
export * from "./block-bundle.ts";
export * from "./client-message.ts";
export * from "./descriptor.ts";
export * from "./errors.ts";
export * from "./hex.ts";
export * from "./http-api.ts";
export * from "./ids.ts";
export * from "./limits.ts";
export * from "./past-message.ts";
export * from "./peer-message.ts";
export * from "./peer-record.ts";
export * from "./publish-socket.ts";
export * from "./renditions.ts";
export {
  ICE_FAILURE_STAGES,
  type IceFailureStage,
  NAT_CLASSES,
  type PeerHints,
  TRACKER_LIMITS,
} from "./tracker-fields.ts";
export * from "./tracker-message.ts";
