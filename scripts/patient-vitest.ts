import { vi } from "vitest";

/**
 * Whoever waits for a condition in a test waits until it holds, on a slow machine too: a limit only ends
 * what hangs. Vitest's own is one second.
 */
const WAIT_AT_MOST_MS = 30_000;

const patient = Symbol.for("livemesh.patientVitest");
const marked = vi as unknown as Record<symbol, boolean>;

// Files that share their modules come here once each.
if (!marked[patient]) {
  marked[patient] = true;
  const { waitFor, waitUntil } = vi;
  const withPatience = (options: number | { timeout?: number; interval?: number } = {}) => {
    const given = typeof options === "number" ? { timeout: options } : options;
    return { ...given, timeout: Math.max(given.timeout ?? 0, WAIT_AT_MOST_MS) };
  };
  vi.waitFor = (callback, options) => waitFor(callback, withPatience(options));
  vi.waitUntil = (callback, options) => waitUntil(callback, withPatience(options));
}
