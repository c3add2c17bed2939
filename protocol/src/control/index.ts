export * from "./control-api.ts";
export * from "./steer.ts";
