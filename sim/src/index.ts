export * from "./bounds.ts";
export * from "./result.ts";
export * from "./scenario.ts";
export * from "./simulation.ts";
