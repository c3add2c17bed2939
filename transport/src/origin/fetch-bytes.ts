import type { Clock } from "../clock.ts";

/**
 * - `not-found`: the server knows no such stream or chunk.
 * - `refused`: any other status; the server is overloaded or broken, try later.
 * - `unreachable`: no connection, or it broke.
 * - `timeout`: too slow.
 * - `too-large`: more bytes than this can have.
 * - `bad-answer`: not what the protocol says.
 * - `aborted`: by the caller.
 */
export type FetchFailureReason =
  | "not-found"
  | "refused"
  | "unreachable"
  | "timeout"
  | "too-large"
  | "bad-answer"
  | "aborted";

export type FetchFailure = { ok: false; reason: FetchFailureReason };

export type FetchLike = (url: string, init: { signal: AbortSignal }) => Promise<Response>;

export type FetchBytesRequest = {
  fetch: FetchLike;
  url: string;
  maxBytes: number;
  timeoutMs: number;
  clock: Clock;
  signal: AbortSignal | undefined;
};

/** One GET, bounded in time and size. Never rejects. */
export async function fetchBytes(
  request: FetchBytesRequest,
): Promise<{ ok: true; bytes: Uint8Array } | FetchFailure> {
  const { clock, timeoutMs, signal } = request;
  const controller = new AbortController();
  let abortReason: FetchFailureReason = "unreachable";
  const abort = (reason: FetchFailureReason): void => {
    abortReason = reason;
    controller.abort();
  };
  const abortedByCaller = (): void => abort("aborted");
  if (signal?.aborted) abortedByCaller();
  signal?.addEventListener("abort", abortedByCaller);
  const cancelTimeout = clock.after(timeoutMs, () => abort("timeout"));
  try {
    const response = await request.fetch(request.url, { signal: controller.signal });
    if (!response.ok) {
      controller.abort();
      return { ok: false, reason: response.status === 404 ? "not-found" : "refused" };
    }
    const bytes = await readBody(response, request.maxBytes);
    if (bytes !== undefined) return { ok: true, bytes };
    controller.abort();
    return { ok: false, reason: "too-large" };
  } catch {
    // fetch rejects with errors that differ from engine to engine; which of them it was is known.
    return { ok: false, reason: abortReason };
  } finally {
    cancelTimeout();
    signal?.removeEventListener("abort", abortedByCaller);
  }
}

/** Undefined when there is more than `maxBytes`. */
async function readBody(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) return undefined;
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    sizeBytes += next.value.length;
    if (sizeBytes > maxBytes) return undefined;
    parts.push(next.value);
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : concat(parts, sizeBytes);
}

function concat(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
