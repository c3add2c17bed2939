export type { FetchFailure, FetchFailureReason, FetchLike } from "./fetch-bytes.ts";
export * from "./origin-client.ts";
export { StreamOrigins, type StreamOriginsOptions } from "./stream-origins.ts";
