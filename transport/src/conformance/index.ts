export * from "./link-conformance.ts";
export type { LinkRig } from "./link-pair.ts";
