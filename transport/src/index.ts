export * from "./crypto.ts";
export * from "./link.ts";
