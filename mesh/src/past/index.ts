export { assembleChunk } from "../block-store.ts";
export * from "./archive.ts";
export * from "./past-exchange.ts";
