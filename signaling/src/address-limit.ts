import type { IncomingMessage } from "node:http";
import { ADDRESS_CONNECTS_RATE, type SocketLimits } from "./limits.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Sockets above an address's limit that are heard long enough to be told so. */
const TOLD_MAX = 16;
/** Addresses whose pace is remembered; the longest silent are forgotten. */
const ADDRESSES_MAX = 20_000;

/** Counts open sockets by address, so that one host cannot take them all, nor keep us busy with opening. */
export class AddressLimit {
  readonly #limits: Pick<SocketLimits, "perAddress" | "perLoopbackAddress">;
  readonly #open = new Map<string, number>();
  readonly #connects = new Map<string, TokenBucket>();

  constructor(limits: Pick<SocketLimits, "perAddress" | "perLoopbackAddress">) {
    this.#limits = limits;
  }

  /** Whether one more may open at all. Some above {@link max} may: to be told that they are. */
  admits(address: string, nowMs: number): boolean {
    if (this.count(address) >= this.max(address) + TOLD_MAX) return false;
    return isLoopback(address) || this.#connectsOf(address, nowMs).take(nowMs);
  }

  /** Those of an address that were opened last, above its limit. */
  isOver(address: string): boolean {
    return this.count(address) > this.max(address);
  }

  count(address: string): number {
    return this.#open.get(address) ?? 0;
  }

  max(address: string): number {
    const { perAddress, perLoopbackAddress } = this.#limits;
    return isLoopback(address) ? perLoopbackAddress : perAddress;
  }

  #connectsOf(address: string, nowMs: number): TokenBucket {
    const bucket = this.#connects.get(address) ?? new TokenBucket(ADDRESS_CONNECTS_RATE, nowMs);
    this.#connects.delete(address);
    this.#connects.set(address, bucket);
    for (const oldest of this.#connects.keys()) {
      if (this.#connects.size <= ADDRESSES_MAX) break;
      this.#connects.delete(oldest);
    }
    return bucket;
  }

  opened(address: string): void {
    this.#open.set(address, (this.#open.get(address) ?? 0) + 1);
  }

  closed(address: string): void {
    const left = (this.#open.get(address) ?? 0) - 1;
    if (left > 0) this.#open.set(address, left);
    else this.#open.delete(address);
  }
}

/**
 * Where a request came from.
 * @param isBehindProxy Believe the last entry of `x-forwarded-for`: the one our proxy wrote.
 */
export function addressOf(request: IncomingMessage, isBehindProxy: boolean): string {
  const forwarded = request.headers["x-forwarded-for"];
  if (isBehindProxy && forwarded !== undefined) {
    const last = String(forwarded).split(",").at(-1)?.trim();
    if (last !== undefined && last !== "") return last;
  }
  return request.socket.remoteAddress ?? "unknown";
}

export function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}
