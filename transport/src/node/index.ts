export * from "./node-links.ts";
export * from "./udp-port.ts";
