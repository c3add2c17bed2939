import { describe, expect, it } from "vitest";
import { filesToRemove, isTakeFull, NO_LIMIT, type RecordedFile } from "./limit.ts";

const HOUR_MS = 3_600_000;

function file(path: string, modifiedAtMs: number, sizeBytes = 100): RecordedFile {
  return { path, sizeBytes, modifiedAtMs };
}

function removed(files: RecordedFile[], limit: Partial<typeof NO_LIMIT>, reservedBytes = 0) {
  const now = { reservedBytes, nowMs: 10 * HOUR_MS };
  return filesToRemove(files, { ...NO_LIMIT, ...limit }, now).map(({ path }) => path);
}

describe("what is recorded", () => {
  const files = [file("new", 9.5 * HOUR_MS), file("old", 8 * HOUR_MS), file("oldest", 7 * HOUR_MS)];

  it("stays without a limit", () => {
    expect(removed(files, {}, 1e9)).toEqual([]);
  });

  it("goes when it is older than it may be, and not a millisecond before", () => {
    expect(removed(files, { maxAgeMs: HOUR_MS })).toEqual(["oldest", "old"]);
    expect(removed(files, { maxAgeMs: 3 * HOUR_MS })).toEqual([]);
    expect(removed(files, { maxAgeMs: 3 * HOUR_MS - 1 })).toEqual(["oldest"]);
  });

  it("goes by age and by size at once: what is too old does not count any more", () => {
    expect(removed(files, { maxAgeMs: 2.5 * HOUR_MS, maxBytes: 200 })).toEqual(["oldest"]);
    expect(removed(files, { maxAgeMs: 2.5 * HOUR_MS, maxBytes: 200 }, 100)).toEqual([
      "oldest",
      "old",
    ]);
  });

  it("goes on in a new file after an eighth of the limit, in size or in time", () => {
    const limit = { maxBytes: 800, maxAgeMs: 8 * HOUR_MS };
    expect(isTakeFull(limit, { sizeBytes: 99, durationMs: HOUR_MS - 1 })).toBe(false);
    expect(isTakeFull(limit, { sizeBytes: 100, durationMs: 0 })).toBe(true);
    expect(isTakeFull(limit, { sizeBytes: 0, durationMs: HOUR_MS })).toBe(true);
    expect(isTakeFull(NO_LIMIT, { sizeBytes: 1e15, durationMs: 1e15 })).toBe(false);
  });
});
