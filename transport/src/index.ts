export * from "./clock.ts";
export * from "./crypto/index.ts";
export * from "./link.ts";
export * from "./memory/index.ts";
export * from "./origin/index.ts";
export * from "./peer-id.ts";
export * from "./tracker/index.ts";
