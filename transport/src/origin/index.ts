export type { FetchFailure, FetchFailureReason, FetchLike } from "./fetch-bytes.ts";
export * from "./origin-client.ts";
