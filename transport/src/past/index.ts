export * from "./past-side.ts";
