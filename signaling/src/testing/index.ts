export * from "./redis-server.ts";
export * from "./tcp-proxy.ts";
export * from "./test-publisher.ts";
export * from "./turn-server.ts";
