import type { StreamAddress } from "../player/stream-address.ts";

/** What the tracker's list says of one stream. */
export type Listing = { isListed: boolean; viewers: number };

/** How often it is asked while somebody wants to know, in ms. */
const PERIOD_MS = 10_000;

/** Asks the tracker's list about a stream, again and again, as long as that is wanted. */
export class StreamListing {
  readonly #url: string;
  readonly #onNews: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #asking = new AbortController();
  #listing: Listing | undefined;

  constructor({ streamId, serverUrl, token }: StreamAddress, onNews: () => void) {
    const query = token === undefined ? "" : `?token=${encodeURIComponent(token)}`;
    this.#url = `${serverUrl}/api/streams/${streamId}${query}`;
    this.#onNews = onNews;
  }

  /** Undefined while nobody has answered since it began to be wanted. */
  get latest(): Listing | undefined {
    return this.#listing;
  }

  want(isWanted: boolean): void {
    if (isWanted === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = isWanted ? setInterval(() => void this.#ask(), PERIOD_MS) : undefined;
    this.#asking.abort();
    this.#listing = undefined;
    if (isWanted) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    try {
      const response = await fetch(this.#url, { signal });
      if (!response.ok && response.status !== 404) return;
      const body: unknown = response.ok ? await response.json() : undefined;
      if (signal.aborted) return;
      this.#listing = { isListed: response.ok, viewers: viewersIn(body) };
      this.#onNews();
    } catch {
      // No tracker, or no JSON: what was heard last stands.
    }
  }
}

function viewersIn(body: unknown): number {
  const { viewers } = (body ?? {}) as { viewers?: unknown };
  return typeof viewers === "number" && viewers >= 0 ? viewers : 0;
}
