import { isLoopback } from "./address-limit.ts";
import { ADDRESS_STRANGERS_RATE, SOCKET_STRANGERS_RATE } from "./limits.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Addresses remembered at once; the longest silent are forgotten, full as they are by then. */
const ADDRESSES_MAX = 20_000;

/**
 * How many peers somebody may still be told of whom they were not told of before. Every name leads to
 * an IP address, once a link is tried: who collects them gets so many an hour, and no more.
 */
export class IntroductionBudget {
  readonly #addresses = new Map<string, TokenBucket>();

  /** For one socket; its address's budget is shared by all its sockets. */
  open(address: string, nowMs: number): SocketBudget {
    return new SocketBudget(
      new TokenBucket(SOCKET_STRANGERS_RATE, nowMs),
      // Reverse proxies and test swarms have this address in common, not strangers.
      isLoopback(address) ? undefined : this.#ofAddress(address, nowMs),
    );
  }

  #ofAddress(address: string, nowMs: number): TokenBucket {
    const bucket = this.#addresses.get(address) ?? new TokenBucket(ADDRESS_STRANGERS_RATE, nowMs);
    this.#addresses.delete(address);
    this.#addresses.set(address, bucket);
    for (const oldest of this.#addresses.keys()) {
      if (this.#addresses.size <= ADDRESSES_MAX) break;
      this.#addresses.delete(oldest);
    }
    return bucket;
  }
}

export class SocketBudget {
  readonly #own: TokenBucket;
  readonly #shared: TokenBucket | undefined;

  constructor(own: TokenBucket, shared: TokenBucket | undefined) {
    this.#own = own;
    this.#shared = shared;
  }

  /** Strangers that may be named now, of `want`; they count as named. */
  take(want: number, nowMs: number): number {
    let taken = 0;
    while (taken < want && this.#own.take(nowMs) && (this.#shared?.take(nowMs) ?? true)) taken++;
    return taken;
  }
}
