import type { StreamId } from "#protocol";
import type { FetchFailureReason } from "./fetch-bytes.ts";
import { OriginClient, type OriginClientOptions } from "./origin-client.ts";

export type StreamOriginsOptions = Omit<OriginClientOptions, "baseUrl"> & {
  /** Server the stream was found on, like `https://example.org`: asked first, because nobody knows
   * better before there is a descriptor, and what `""` means in one. */
  serverUrl: string;
  streamId: StreamId;
};

/** Failures in a row after which the next origin is tried. A guess: one is bad luck. */
const FAILURES_MAX = 2;

/** The origin requests go to now, and how many of them have failed since the last good one. */
type Place = { baseUrl: string; client: OriginClient; failureCount: number };

/** An {@link OriginClient} that goes where the stream's descriptor says. */
export class StreamOrigins {
  readonly #options: StreamOriginsOptions;
  #baseUrls: readonly string[];
  #place: Place;

  /** @throws {TypeError} When `serverUrl` is not an http or https URL. */
  constructor(options: StreamOriginsOptions) {
    this.#options = options;
    this.#baseUrls = originBaseUrls([""], options.serverUrl);
    const [baseUrl] = this.#baseUrls;
    if (baseUrl === undefined) {
      throw new TypeError(`serverUrl must be an http or https URL, got "${options.serverUrl}"`);
    }
    this.#place = this.#open(baseUrl);
  }

  /**
   * Use a descriptor's `origins` from now on: the first, and the next when one fails again and
   * again. What cannot be used is skipped; a list without any changes nothing.
   * @returns Whether requests go to another server than before.
   */
  follow(origins: readonly string[]): boolean {
    const baseUrls = originBaseUrls(origins, this.#options.serverUrl);
    const [first] = baseUrls;
    if (first === undefined) return false;
    this.#baseUrls = baseUrls;
    if (baseUrls.includes(this.#place.baseUrl)) return false;
    this.#place = this.#open(first);
    return true;
  }

  join(...args: Parameters<OriginClient["join"]>): ReturnType<OriginClient["join"]> {
    return this.#ask((client) => client.join(...args), isFailure);
  }

  bytes(...args: Parameters<OriginClient["bytes"]>): ReturnType<OriginClient["bytes"]> {
    return this.#ask((client) => client.bytes(...args), isFailure);
  }

  descriptor(
    ...args: Parameters<OriginClient["descriptor"]>
  ): ReturnType<OriginClient["descriptor"]> {
    return this.#ask((client) => client.descriptor(...args), isFailure);
  }

  chunkBlocks(
    ...args: Parameters<OriginClient["chunkBlocks"]>
  ): ReturnType<OriginClient["chunkBlocks"]> {
    // A chunk that is not there says nothing about the server.
    const isBad = (reason: FetchFailureReason) => isFailure(reason) && reason !== "not-found";
    return this.#ask((client) => client.chunkBlocks(...args), isBad);
  }

  async #ask<T extends { ok: true } | { ok: false; reason: FetchFailureReason }>(
    get: (client: OriginClient) => Promise<T>,
    isBad: (reason: FetchFailureReason) => boolean,
  ): Promise<T> {
    const place = this.#place;
    const result = await get(place.client);
    if (result.ok) place.failureCount = 0;
    else if (isBad(result.reason)) this.#failed(place);
    return result;
  }

  /** Requests that fail together must not skip an origin that was never asked. */
  #failed(place: Place): void {
    place.failureCount++;
    if (place !== this.#place || place.failureCount < FAILURES_MAX) return;
    const next = (this.#baseUrls.indexOf(place.baseUrl) + 1) % this.#baseUrls.length;
    this.#place = this.#open(this.#baseUrls[next] ?? place.baseUrl);
  }

  #open(baseUrl: string): Place {
    const { streamId } = this.#options;
    const client = new OriginClient({
      ...this.#options,
      baseUrl: `${baseUrl}/streams/${streamId}`,
    });
    return { baseUrl, client, failureCount: 0 };
  }
}

function isFailure(reason: FetchFailureReason): boolean {
  return reason !== "aborted";
}

/**
 * The base URLs a descriptor's `origins` mean, in order and each once. They are the publisher's
 * words: only http and https, and no user names, which browsers refuse to fetch.
 */
export function originBaseUrls(origins: readonly string[], serverUrl: string): string[] {
  const baseUrls = origins.flatMap((origin) => readBaseUrl(origin === "" ? serverUrl : origin));
  return [...new Set(baseUrls)];
}

function readBaseUrl(text: string): string[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) return [];
  if (url.username !== "" || url.password !== "") return [];
  return [`${url.origin}${url.pathname}`.replace(/\/+$/, "")];
}
