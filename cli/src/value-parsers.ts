import { InvalidArgumentError } from "commander";

/** Levels of `--log-level`, from the quietest. */
export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A TCP or UDP port; 0 lets the system choose. */
export function parsePort(text: string): number {
  return integerBetween(text, 0, 65_535);
}

/** Below 50 ms headers outweigh the media; above 2 s there is nothing left of "about a second". */
export function parseChunkMs(text: string): number {
  return integerBetween(text, 50, 2000);
}

/** Below 200 ms not even the first hop is made; above 30 s no peer still has the chunk. */
export function parseLatencyMs(text: string): number {
  return integerBetween(text, 200, 30_000);
}

export function parseMbitPerSecond(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0 || value > 100_000) {
    throw new InvalidArgumentError("a number of Mbit/s from 0 to 100000 is needed");
  }
  return value;
}

/** Hops of a multicast datagram. */
export function parseTtl(text: string): number {
  return integerBetween(text, 0, 255);
}

export function parseSeconds(text: string): number {
  return integerBetween(text, 0, 86_400);
}

/** As in a stream's descriptor. */
export function parseTrackId(text: string): string {
  if (!/^[va]\d$/.test(text)) throw new InvalidArgumentError("a track as v0, v1 or a0 is needed");
  return text;
}

export function parseTitle(text: string): string {
  const title = text.trim();
  if (title.length < 1 || title.length > 200) {
    throw new InvalidArgumentError("a title has 1 to 200 characters");
  }
  return title;
}

/** `http://host:port`, with nothing behind it. */
export function parseServerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError("an http:// or https:// address is needed");
  }
  return url.href.replace(/\/+$/, "");
}

/** Digits alone, within bounds. */
export function integerBetween(text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new InvalidArgumentError(`a whole number from ${min} to ${max} is needed`);
  }
  return value;
}

export type HostAndPort = { host: string; port: number };

/** `7000` on this machine, or `0.0.0.0:7000`. */
export function parseIntroduce(text: string): HostAndPort {
  const [, host = "127.0.0.1", port = ""] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: parsePort(port) };
}

/** `host:port`, as the URL of a peer that introduces others. */
export function parseKnownPeer(text: string): string {
  const url = URL.canParse(`http://${text}`) ? new URL(`http://${text}`) : undefined;
  if (url === undefined || url.port === "" || `http://${text}` !== url.origin) {
    throw new InvalidArgumentError("HOST:PORT of a peer is needed");
  }
  return url.origin;
}
