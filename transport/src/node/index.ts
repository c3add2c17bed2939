export * from "./node-links.ts";
