import type { SegmentList } from "./segment-list.ts";

/** What a player asks of a playlist (RFC 8216bis, 6.2.5). */
export type ReloadDirectives = {
  /** Wait for this segment, or this part of it. */
  until: { msn: number; part: number | undefined } | undefined;
  isDelta: boolean;
};

/** Undefined when they make no sense. */
export function parseDirectives(query: Record<string, unknown>): ReloadDirectives | undefined {
  const { _HLS_msn: msn, _HLS_part: part, _HLS_skip: skip } = query;
  const isDelta = skip === "YES" || skip === "v2";
  if (msn === undefined && part === undefined) return { until: undefined, isDelta };
  const until = { msn: integer(msn), part: part === undefined ? undefined : integer(part) };
  if (Number.isNaN(until.msn) || Number.isNaN(until.part ?? 0)) return undefined;
  return { until, isDelta };
}

/** Whether a playlist can be given now, later, or was asked for that is too far ahead. */
export function answerTo(
  { until }: ReloadDirectives,
  list: SegmentList,
): "now" | "later" | "too-far" {
  if (until === undefined || list.hasEnded || list.has(until.msn, until.part)) return "now";
  const { newest } = list;
  if (until.msn > newest.msn + 2) return "too-far";
  const partSec = (list.partTargetMs ?? 1000) / 1000;
  const advancePartLimit = partSec < 1 ? Math.ceil(3 / partSec) : 3;
  const lastPart = until.msn === newest.msn ? (newest.part ?? -1) : -1;
  return (until.part ?? 0) > lastPart + advancePartLimit ? "too-far" : "later";
}

/** As long as any number of a playlist. */
function integer(value: unknown): number {
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
}
