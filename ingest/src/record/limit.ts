/** What recordings may take; what is older or more goes, oldest first. */
export type RecordLimit = { maxBytes: number; maxAgeMs: number };

export const NO_LIMIT: RecordLimit = {
  maxBytes: Number.POSITIVE_INFINITY,
  maxAgeMs: Number.POSITIVE_INFINITY,
};

/** A take ends at the next key frame when it is this part of the limit. */
const TAKES_IN_LIMIT = 8;

/** Whether a new take is due, so that the oldest can go one by one. */
export function isTakeFull(
  { maxBytes, maxAgeMs }: RecordLimit,
  take: { sizeBytes: number; durationMs: number },
): boolean {
  const { sizeBytes, durationMs } = take;
  return sizeBytes >= maxBytes / TAKES_IN_LIMIT || durationMs >= maxAgeMs / TAKES_IN_LIMIT;
}

export type RecordedFile = { path: string; sizeBytes: number; modifiedAtMs: number };

/** Which finished files have to go, to leave room for the take that begins. */
export function filesToRemove(
  files: readonly RecordedFile[],
  { maxBytes, maxAgeMs }: RecordLimit,
  { reservedBytes, nowMs }: { reservedBytes: number; nowMs: number },
): RecordedFile[] {
  const oldestFirst = [...files].sort(
    (a, b) => a.modifiedAtMs - b.modifiedAtMs || (a.path < b.path ? -1 : 1),
  );
  let sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, reservedBytes);
  return oldestFirst.filter((file) => {
    const isTooOld = file.modifiedAtMs < nowMs - maxAgeMs;
    if (!isTooOld && sizeBytes <= maxBytes) return false;
    sizeBytes -= file.sizeBytes;
    return true;
  });
}
