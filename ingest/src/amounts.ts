import { NO_LIMIT, type RecordLimit } from "./record/limit.ts";

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const UNITS_BYTES = { MB: 1e6, GB: 1e9, TB: 1e12 };

/** Far enough back for any broadcast; bounds what is remembered of chunks that are on disk. */
const DVR_MAX_MS = 12 * UNITS_MS.h;

/** What is needed where {@link readDvrMs} finds nothing. */
export const DVR_FORM = "a time from 1m to 12h is needed, as in 15m";
/** What is needed where {@link readRecordLimit} finds nothing. */
export const RECORD_LIMIT_FORM = "a size from 100MB, an age from 1m or both are needed: 10GB,7d";

/** `90s`, `15m` or `2h`, in ms; undefined for what is no DVR window. */
export function readDvrMs(text: string): number | undefined {
  const spanMs = amount(text, UNITS_MS) ?? 0;
  return spanMs < UNITS_MS.m || spanMs > DVR_MAX_MS ? undefined : spanMs;
}

/** `10GB`, `7d` or both, `10GB,7d`; undefined for what is no limit. */
export function readRecordLimit(text: string): RecordLimit | undefined {
  const limit = { ...NO_LIMIT };
  for (const part of text.split(",")) {
    const maxBytes = amount(part, UNITS_BYTES);
    const maxAgeMs = amount(part, UNITS_MS);
    if (maxBytes !== undefined) limit.maxBytes = maxBytes;
    else if (maxAgeMs !== undefined) limit.maxAgeMs = maxAgeMs;
    else return undefined;
  }
  return limit.maxBytes >= 100e6 && limit.maxAgeMs >= UNITS_MS.m ? limit : undefined;
}

/** A number with its unit behind it; undefined when it is something else. */
function amount(text: string, units: Record<string, number>): number | undefined {
  const [, number, unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?)([A-Za-z]+)$/.exec(text.trim()) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}
