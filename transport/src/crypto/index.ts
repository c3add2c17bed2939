export * from "./best-crypto.ts";
export * from "./block-verifier.ts";
export * from "./crypto-256.ts";
export * from "./noble-crypto.ts";
export * from "./open-descriptor.ts";
export * from "./web-crypto.ts";
