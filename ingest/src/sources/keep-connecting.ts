import { setTimeout as delay } from "node:timers/promises";
import type { SourceEvent } from "../source.ts";
import { type BackOffOptions, backOffMs, DEFAULT_BACK_OFF } from "./back-off.ts";
import { describeFailure } from "./describe-failure.ts";

export type ConnectionOptions = Partial<BackOffOptions> & {
  /** How long the other side may take to accept, or send nothing, before it is given up, in ms. */
  silenceMs?: number;
  /** From 0 up to 1. Default `Math.random`. */
  random?: () => number;
};

export type Attempt = {
  /** For `start`. */
  description: string;
  /**
   * Connects when iteration begins, leaves nothing open when it ends, and ends quietly when the
   * signal aborts. What it throws is why the attempt failed.
   */
  read(signal: AbortSignal): AsyncIterable<Uint8Array>;
};

/**
 * The events of a source that is called again whenever it goes away, for ever, with growing pauses
 * while it stays away. Why it does is said once, not at every try: it may be away all night.
 */
export async function* keepConnecting(
  name: string,
  { description, read }: Attempt,
  signal: AbortSignal,
  { random = Math.random, ...options }: ConnectionOptions,
): AsyncGenerator<SourceEvent, void, void> {
  const backOff = { ...DEFAULT_BACK_OFF, ...options };
  /** Tries in a row that brought no bytes. */
  let failures = 0;
  let lastWarning: string | undefined;
  while (!signal.aborted) {
    let hasBytes = false;
    let failure: unknown;
    try {
      for await (const bytes of read(signal)) {
        if (!hasBytes) yield { type: "start", description };
        hasBytes = true;
        yield { type: "bytes", bytes };
      }
    } catch (error) {
      failure = error;
    }
    if (signal.aborted) return;
    const reason = describeAttempt(hasBytes, failure);
    if (hasBytes) {
      yield { type: "end", reason };
      failures = 0;
      lastWarning = undefined;
    } else if (reason !== lastWarning) {
      yield { type: "warning", message: `${name}: ${reason}; trying again until it is there` };
      lastWarning = reason;
    }
    const pauseMs = backOffMs(backOff, failures++, random());
    await delay(pauseMs, undefined, { signal }).catch(() => {});
  }
}

function describeAttempt(hasBytes: boolean, failure: unknown): string {
  if (failure !== undefined) return describeFailure(failure);
  return hasBytes ? "the server closed the connection" : "the server sent nothing";
}
