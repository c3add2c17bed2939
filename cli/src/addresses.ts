import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

type Scheme = "http" | "https";

/** The base URLs a server on this host and port can be opened with, the best first. */
export function serverUrls(host: string, port: number, scheme: Scheme = "http"): string[] {
  if (!isEveryAddress(host)) return [urlOf(host, port, scheme)];
  return ["127.0.0.1", ...lanAddresses()].map((address) => urlOf(address, port, scheme));
}

/** Where a process on this machine reaches the server. */
export function localUrl(host: string, port: number, scheme: Scheme = "http"): string {
  return urlOf(isEveryAddress(host) ? "127.0.0.1" : host, port, scheme);
}

/** Where other machines reach the server, as far as this one can know. */
export function publicUrl(host: string, port: number, scheme: Scheme = "http"): string {
  return urlOf(isEveryAddress(host) ? (lanAddresses()[0] ?? "127.0.0.1") : host, port, scheme);
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}

function isEveryAddress(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function urlOf(host: string, port: number, scheme: Scheme): string {
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}
