export * from "./crypto/index.ts";
export * from "./link.ts";
export * from "./peer-id.ts";
