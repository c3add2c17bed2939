export * from "./udp-links.ts";
export * from "./udp-port.ts";
