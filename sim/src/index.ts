export * from "./bounds.ts";
export * from "./result.ts";
export * from "./run.ts";
export * from "./scenario.ts";
export * from "./scenario-file.ts";
export * from "./scenario-variants.ts";
export { ScenarioError } from "./shape.ts";
export * from "./simulation.ts";
export * from "./snapshot.ts";
