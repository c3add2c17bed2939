export * from "./box-reader.ts";
export { box } from "./box-writer.ts";
export * from "./chunk-reader.ts";
export * from "./chunk-writer.ts";
export * from "./codec-string.ts";
export * from "./init-reader.ts";
export * from "./init-writer.ts";
export * from "./media-error.ts";
export * from "./sps.ts";
