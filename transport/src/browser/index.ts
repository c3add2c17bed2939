export * from "./browser-links.ts";
