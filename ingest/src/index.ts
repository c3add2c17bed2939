export * from "./packager.ts";
export * from "./source.ts";
