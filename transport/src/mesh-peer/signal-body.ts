import { parseSignal, type Signal, WIRE_LIMITS } from "#protocol";

/** Negotiation as neighbors pass it on. Undefined when it is too long for that. */
export function encodeSignalBody(signal: Signal): Uint8Array | undefined {
  const body = new TextEncoder().encode(JSON.stringify(signal));
  return body.length <= WIRE_LIMITS.signalBytes ? body : undefined;
}

/** Undefined when a stranger sent something else. */
export function decodeSignalBody(body: Uint8Array): Signal | undefined {
  try {
    return parseSignal(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}
