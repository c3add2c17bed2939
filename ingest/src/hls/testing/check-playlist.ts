import { type ParsedPart, type ParsedPlaylist, parsePlaylist } from "./parse-playlist.ts";

/** Media time is written in ms; sums of it may differ by that much for each part, in s. */
const ROUNDING = 0.0015;

/** What one live media playlist violates of RFC 8216bis; sections in brackets. */
export function problemsOf(text: string): string[] {
  const playlist = parsePlaylist(text);
  return [
    ...playlist.problems,
    ...problemsOfHead(playlist),
    ...problemsOfSegments(playlist),
    ...problemsOfParts(playlist),
    ...problemsOfEdge(playlist),
    ...problemsOfDateRanges(playlist),
  ];
}

function problemsOfHead(playlist: ParsedPlaylist): string[] {
  const { tags, targetDuration, partTarget, serverControl, skipped } = playlist;
  const version = Number(tags.get("EXT-X-VERSION")?.[0]);
  const number = (name: string) => Number(serverControl.get(name) ?? Number.NaN);
  return found([
    [!tags.has("EXT-X-TARGETDURATION"), "EXT-X-TARGETDURATION is required [4.4.3.1]"],
    [!(version >= 6), "EXT-X-MAP needs version 6 [8]"],
    [skipped > 0 && !(version >= 9), "EXT-X-SKIP needs version 9 [8]"],
    [tags.has("EXT-X-SKIP") && !(skipped >= 1), "EXT-X-SKIP that skips nothing [4.4.5.2]"],
    [tags.has("EXT-X-PART") && partTarget === undefined, "EXT-X-PART needs PART-INF [4.4.3.7]"],
    [partTarget !== undefined && !(partTarget > 0), "PART-TARGET above 0 [4.4.3.7]"],
    [
      partTarget !== undefined && !serverControl.has("PART-HOLD-BACK"),
      "PART-INF needs PART-HOLD-BACK [4.4.3.8]",
    ],
    [
      number("PART-HOLD-BACK") < 2 * (partTarget ?? 0),
      "PART-HOLD-BACK of at least two part targets [4.4.3.8]",
    ],
    [
      number("HOLD-BACK") < 3 * targetDuration,
      "HOLD-BACK of at least three target durations [4.4.3.8]",
    ],
    [
      number("CAN-SKIP-UNTIL") < 6 * targetDuration,
      "CAN-SKIP-UNTIL of at least six target durations [4.4.3.8]",
    ],
    [
      ![undefined, "YES"].includes(serverControl.get("CAN-BLOCK-RELOAD")),
      "CAN-BLOCK-RELOAD is YES [4.4.3.8]",
    ],
    [
      tags.has("EXT-X-DISCONTINUITY") && !tags.has("EXT-X-DISCONTINUITY-SEQUENCE"),
      "a live playlist with discontinuities numbers them [6.2.2]",
    ],
    [tags.has("EXT-X-PLAYLIST-TYPE"), "a live playlist has no type [6.2.2]"],
  ]);
}

function problemsOfSegments({ segments, targetDuration }: ParsedPlaylist): string[] {
  return segments.flatMap(({ uri, duration, parts, date }) => {
    const inParts = parts.reduce((sum, part) => sum + part.duration, 0);
    return found([
      [Math.round(duration) > targetDuration, `${uri} exceeds the target duration [6.2.1]`],
      [!(duration > 0), `${uri} lasts ${duration} s`],
      [date === undefined, `${uri} has no date, others have [6.2.4]`],
      [
        parts.length > 0 && Math.abs(inParts - duration) > ROUNDING * (parts.length + 1),
        `${uri} of ${duration} s has parts of ${inParts} s [4.4.4.9]`,
      ],
    ]);
  });
}

function problemsOfParts(playlist: ParsedPlaylist): string[] {
  const { segments, openParts, partTarget = 0, targetDuration, hasEnded } = playlist;
  const tooLong = [...segments.flatMap(({ parts }) => parts), ...openParts]
    .filter(({ duration }) => duration > partTarget)
    .map(({ uri }) => `${uri} exceeds the part target [4.4.4.9]`);
  // Which one is the last of the open segment is not known yet.
  const tooShort = [...segments.map(({ parts }) => parts), openParts]
    .flatMap((parts) => parts.slice(0, -1))
    .filter(({ duration, isIndependent }) => !isIndependent && duration < 0.85 * partTarget)
    .map(({ uri }) => `${uri} is shorter than 85 % of the part target [4.4.4.9]`);
  const end = totalDuration(playlist);
  let at = 0;
  const tooOld = segments.flatMap(({ uri, duration, parts }) => {
    at += duration;
    const isOld = end - at > 3 * targetDuration + ROUNDING * segments.length;
    return parts.length > 0 && isOld && !hasEnded ? [`${uri} still has parts [6.2.2]`] : [];
  });
  return [...tooLong, ...tooShort, ...tooOld];
}

function problemsOfEdge({ hints, reports, hasEnded, openParts }: ParsedPlaylist): string[] {
  const types = hints.map((hint) => hint.get("TYPE"));
  return [
    ...found([
      [hasEnded && hints.length > 0, "a hint at the end [4.4.5.3]"],
      [hasEnded && openParts.length > 0, "the end, with a segment that is open [4.4.3.4]"],
      [new Set(types).size < types.length, "two hints of one type [6.2.6]"],
    ]),
    ...hints.flatMap((hint) =>
      found([
        [!hint.has("URI") || !hint.has("TYPE"), "a hint needs TYPE and URI [4.4.5.3]"],
        [
          openParts.some(({ uri }) => `"${uri}"` === hint.get("URI")),
          "a hint at a part that is there [4.4.5.3]",
        ],
      ]),
    ),
    ...reports.flatMap((report) =>
      found([
        [
          !report.has("URI") || !report.has("LAST-MSN"),
          "a report needs URI and LAST-MSN [4.4.5.4]",
        ],
        [/^"([a-z]+:|\/\/)/.test(report.get("URI") ?? ""), "a report's URI is relative [4.4.5.4]"],
      ]),
    ),
  ];
}

const DATE = /^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"$/;
const DURATION = /^\d+(\.\d+)?$/;

/** [4.4.5.1] */
function problemsOfDateRanges({ dateRanges, tags }: ParsedPlaylist): string[] {
  return [
    ...found([
      [
        dateRanges.length > 0 && !tags.has("EXT-X-PROGRAM-DATE-TIME"),
        "EXT-X-DATERANGE needs EXT-X-PROGRAM-DATE-TIME [4.4.5.1]",
      ],
    ]),
    ...dateRanges.flatMap((range, place) => {
      const durations = ["DURATION", "PLANNED-DURATION"].flatMap((name) => range.get(name) ?? []);
      const splices = ["SCTE35-OUT", "SCTE35-IN", "SCTE35-CMD"].flatMap((n) => range.get(n) ?? []);
      return found([
        [!/^".+"$/.test(range.get("ID") ?? ""), "a date range needs an ID [4.4.5.1]"],
        [!DATE.test(range.get("START-DATE") ?? ""), "a date range needs START-DATE [4.4.5.1]"],
        [durations.some((value) => !DURATION.test(value)), "a duration of a date range [4.4.5.1]"],
        [splices.some((value) => !/^0x[0-9A-F]+$/.test(value)), "SCTE-35 is hexadecimal [4.2]"],
        ...dateRanges
          .slice(0, place)
          .map(
            (other) => [!agree(range, other), "date ranges of one ID differ [4.4.5.1]"] as const,
          ),
      ]);
    }),
  ];
}

/** Ranges of one ID say nothing different of the same. */
function agree(a: Map<string, string>, b: Map<string, string>): boolean {
  if (a.get("ID") !== b.get("ID")) return true;
  return [...a].every(([name, value]) => (b.get(name) ?? value) === value);
}

/** What changed from one full playlist to a later one of the same track, and must not [6.2.1]. */
export function problemsOfChange(earlier: string, later: string): string[] {
  const before = parsePlaylist(earlier);
  const after = parsePlaylist(later);
  if (before.hasEnded) return earlier === later ? [] : ["changed after its end [6.2.1]"];
  const fixed = ["EXT-X-TARGETDURATION", "EXT-X-SERVER-CONTROL", "EXT-X-PART-INF", "EXT-X-VERSION"];
  const removed = after.firstMsn - before.firstMsn;
  const inMsn = new Map(after.segments.map((segment) => [segment.msn, segment]));
  return [
    ...fixed
      .filter((tag) => before.tags.get(tag)?.[0] !== after.tags.get(tag)?.[0])
      .map((tag) => `${tag} changed [6.2.1]`),
    ...found([
      [removed < 0, "EXT-X-MEDIA-SEQUENCE fell [6.2.2]"],
      [
        after.discontinuitySequence < before.discontinuitySequence,
        "EXT-X-DISCONTINUITY-SEQUENCE fell [6.2.2]",
      ],
      [
        removed > 0 && !after.hasEnded && closedDuration(after) < 3 * after.targetDuration,
        "less than three target durations left [6.2.2]",
      ],
    ]),
    ...before.segments.flatMap((segment) => {
      const now = inMsn.get(segment.msn);
      if (segment.msn < after.firstMsn) return [];
      if (now === undefined) return [`${segment.uri} went from the middle [6.2.2]`];
      const { parts: partsNow, ...restNow } = now;
      const { parts, ...rest } = segment;
      return found([
        [JSON.stringify(rest) !== JSON.stringify(restNow), `${segment.uri} changed [6.2.1]`],
        [
          partsNow.length > 0 && JSON.stringify(parts) !== JSON.stringify(partsNow),
          `parts of ${segment.uri} changed [6.2.1]`,
        ],
      ]);
    }),
    ...before.dateRanges.flatMap((range) =>
      after.dateRanges.every((other) => agree(range, other))
        ? []
        : ["a date range changed [6.2.1]"],
    ),
    ...problemsOfOpen(before, after, inMsn.get(before.firstMsn + before.segments.length)?.parts),
  ];
}

/** The parts of the segment that was open go on, as parts of the same. */
function problemsOfOpen(
  before: ParsedPlaylist,
  after: ParsedPlaylist,
  closedParts: readonly ParsedPart[] | undefined,
): string[] {
  const isStillOpen =
    after.firstMsn + after.segments.length === before.firstMsn + before.segments.length;
  const now = isStillOpen ? after.openParts : closedParts;
  if (now === undefined || (now.length === 0 && !isStillOpen)) return [];
  const kept = now.slice(0, before.openParts.length);
  const isKept = JSON.stringify(kept) === JSON.stringify(before.openParts);
  return isKept ? [] : ["parts that were listed are others now [6.2.1]"];
}

/** A full playlist, from one that was had before and a later delta update [6.2.5.1]. */
export function mergeDelta(full: string, delta: string): ParsedPlaylist {
  const before = parsePlaylist(full);
  const update = parsePlaylist(delta);
  const first = update.firstMsn;
  const kept = before.segments.filter(({ msn }) => msn >= first && msn < first + update.skipped);
  return { ...update, segments: [...kept, ...update.segments] };
}

function closedDuration({ segments }: ParsedPlaylist): number {
  return segments.reduce((sum, { duration }) => sum + duration, 0);
}

function totalDuration(playlist: ParsedPlaylist): number {
  return playlist.openParts.reduce((sum, part) => sum + part.duration, closedDuration(playlist));
}

function found(rules: readonly (readonly [isBroken: boolean, problem: string])[]): string[] {
  return rules.filter(([isBroken]) => isBroken).map(([, problem]) => problem);
}
