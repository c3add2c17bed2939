export * from "./ingest-command.ts";
export * from "./peer-command.ts";
export * from "./serve-command.ts";
export * from "./tracker-command.ts";
