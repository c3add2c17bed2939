import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

/** The base URLs a server on this host and port can be opened with, the best first. */
export function serverUrls(host: string, port: number): string[] {
  if (!isEveryAddress(host)) return [urlOf(host, port)];
  return [urlOf("127.0.0.1", port), ...lanAddresses().map((address) => urlOf(address, port))];
}

/** Where a process on this machine reaches the server. */
export function localUrl(host: string, port: number): string {
  return urlOf(isEveryAddress(host) ? "127.0.0.1" : host, port);
}

/** Where other machines reach the server, as far as this one can know. */
export function publicUrl(host: string, port: number): string {
  return urlOf(isEveryAddress(host) ? (lanAddresses()[0] ?? "127.0.0.1") : host, port);
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}

function isEveryAddress(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function urlOf(host: string, port: number): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}
