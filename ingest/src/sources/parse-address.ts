import { unsupported } from "./source-registry.ts";

export type HostAndPort = { host: string; port: number };

/**
 * The address in `scheme://HOST:PORT`, with nothing before or behind it.
 * @param form How it has to be written, for the error.
 * @param lowestPort 0 where the system may choose.
 * @throws {IngestError} `input-unsupported`
 */
export function parseAddress(input: string, form: string, lowestPort = 1): HostAndPort {
  const url = URL.canParse(input) ? new URL(input) : undefined;
  const port = Number(url?.port || Number.NaN);
  const isPlain = url !== undefined && `${url.protocol}//${url.host}` === input.toLowerCase();
  if (url === undefined || !isPlain || url.hostname === "" || !(port >= lowestPort)) {
    throw unsupported(input, `needed is ${form}`);
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port };
}

/** @throws {IngestError} `input-unsupported` when it is none, or one without a host. */
export function parseUrl(input: string, form: string): URL {
  const url = URL.canParse(input) ? new URL(input) : undefined;
  if (url === undefined || url.hostname === "") throw unsupported(input, `needed is ${form}`);
  return url;
}
