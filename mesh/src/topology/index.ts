export * from "./member-id.ts";
export * from "./topology-file.ts";
