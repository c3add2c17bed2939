import type { HlsPart, Segment, SegmentList } from "./segment-list.ts";
import { partHoldBackMs, SKIP_UNTIL_MS, TARGET_MS } from "./timing.ts";

/** Another track of the stream, for players that switch to it. */
export type RenditionReport = { id: string; newest: { msn: number; part: number | undefined } };

export type MediaPlaylistOptions = {
  chunkMs: number;
  /** Leave out what the player has already, where that is allowed. */
  isDelta: boolean;
  reports: readonly RenditionReport[];
  /** Lines about what happens at dates. */
  dateRanges: readonly string[];
};

/** Addresses in a playlist are relative to `/streams/:id/hls/:track/`. */
const CHUNKS = "../../tracks";

/**
 * The media playlist of one track (RFC 8216bis). The list has to know the length of its parts.
 * @param id The track's.
 */
export function writeMediaPlaylist(
  id: string,
  list: SegmentList,
  { chunkMs, isDelta, reports, dateRanges }: MediaPlaylistOptions,
): string {
  const skipped = isDelta && !list.hasEnded ? skippedCount(list.segments) : 0;
  const lines = [
    "#EXTM3U",
    "#EXT-X-VERSION:9",
    `#EXT-X-TARGETDURATION:${TARGET_MS / 1000}`,
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=${SKIP_UNTIL_MS / 1000}` +
      `,PART-HOLD-BACK=${seconds(partHoldBackMs(chunkMs))}`,
    `#EXT-X-PART-INF:PART-TARGET=${seconds(list.partTargetMs ?? chunkMs)}`,
    `#EXT-X-MEDIA-SEQUENCE:${list.firstMsn}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${list.epochBefore}`,
  ];
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`);
  lines.push(...dateRanges);
  let before: Pick<Segment, "epoch"> & Partial<Segment> = list.segments[skipped - 1] ?? {
    epoch: list.epochBefore,
  };
  for (const segment of list.segments.slice(skipped)) {
    lines.push(...head(segment, before), ...segment.parts.map((part) => partLine(id, part)));
    lines.push(`#EXTINF:${seconds(segment.durationMs)},`, segmentUri(segment));
    before = segment;
  }
  if (list.open !== undefined) {
    lines.push(...head(list.open, before), ...list.open.parts.map((part) => partLine(id, part)));
  }
  if (list.hasEnded) lines.push("#EXT-X-ENDLIST");
  else if (list.nextSequence !== undefined) {
    lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${chunkUri(id, list.nextSequence)}"`);
  }
  if (!list.hasEnded) lines.push(...reports.map(reportLine));
  return `${lines.join("\n")}\n`;
}

/** Segments that end further from the end than players may be without an update. */
function skippedCount(segments: readonly Segment[]): number {
  const last = segments.at(-1);
  if (last === undefined) return 0;
  const boundaryMs = endMs(last) - SKIP_UNTIL_MS;
  const kept = segments.findIndex((segment) => endMs(segment) > boundaryMs);
  return Math.max(0, kept);
}

/** What stands before the parts of a segment. */
function head(segment: Segment, before: { epoch: number; init?: Segment["init"] }): string[] {
  const breaks = Math.max(0, segment.epoch - before.epoch);
  return [
    ...Array.from({ length: breaks }, () => "#EXT-X-DISCONTINUITY"),
    ...(segment.init === before.init ? [] : [`#EXT-X-MAP:URI="${segment.init.name}"`]),
    `#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.programDateMs).toISOString()}`,
  ];
}

function partLine(id: string, { sequence, durationMs, isIndependent }: HlsPart): string {
  const uri = chunkUri(id, sequence);
  const independent = isIndependent ? ",INDEPENDENT=YES" : "";
  return `#EXT-X-PART:DURATION=${seconds(durationMs)},URI="${uri}"${independent}`;
}

function reportLine({ id, newest }: RenditionReport): string {
  const part = newest.part === undefined ? "" : `,LAST-PART=${newest.part}`;
  return `#EXT-X-RENDITION-REPORT:URI="../${id}/playlist.m3u8",LAST-MSN=${newest.msn}${part}`;
}

function chunkUri(id: string, sequence: number): string {
  return `${CHUNKS}/${id}/chunks/${sequence}.m4s`;
}

function segmentUri({ firstSequence, lastSequence }: Segment): string {
  return `${firstSequence}-${lastSequence}.m4s`;
}

/** The last segment's end, for the boundary; lists end there, not at the open segment. */
function endMs({ startMs, durationMs }: Segment): number {
  return startMs + durationMs;
}

/** Milliseconds as the decimal seconds of HLS. */
function seconds(ms: number): string {
  return String(Math.round(ms * 100) / 100_000);
}
