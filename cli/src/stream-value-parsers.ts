import { InvalidArgumentError } from "commander";
import {
  DVR_FORM,
  type Ladder,
  PUBLISH_KEY_FORM,
  parseLadder,
  RECORD_LIMIT_FORM,
  type RecordLimit,
  readDvrMs,
  readRecordLimit,
  SEEDER_COPIES_MAX,
} from "#ingest";
import { integerBetween } from "./value-parsers.ts";

/** As `90s`, `15m` or `2h`, in ms. */
export function parseDvr(text: string): number {
  const spanMs = readDvrMs(text);
  if (spanMs === undefined) throw new InvalidArgumentError(DVR_FORM);
  return spanMs;
}

/** As `10GB`, `7d` or both, `10GB,7d`. */
export function parseRecordLimit(text: string): RecordLimit {
  const limit = readRecordLimit(text);
  if (limit === undefined) throw new InvalidArgumentError(RECORD_LIMIT_FORM);
  return limit;
}

/** As `1080p,720p:2500k,360p,audio`; undefined for `copy`. */
export function parseTranscode(text: string): Ladder | undefined {
  try {
    return parseLadder(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidArgumentError(error.message);
  }
}

export function parseSeederCopies(text: string): number {
  return integerBetween(text, 1, SEEDER_COPIES_MAX);
}

export function parsePublishKey(text: string): string {
  if (!PUBLISH_KEY_FORM.test(text)) {
    throw new InvalidArgumentError("8 to 100 of the characters A-Z a-z 0-9 _ - are needed");
  }
  return text;
}
