import type { ApiStream } from "#protocol";

/** A stream, and whose list it is in. */
export type FoundStream = {
  stream: ApiStream;
  /** `https://…`; undefined for the server this page is from. */
  tracker: string | undefined;
};

/** What somebody searches for: all of the words, in title or tracker. */
export function matching(streams: readonly FoundStream[], search: string): FoundStream[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return streams.filter(({ stream, tracker = "" }) => {
    const text = `${stream.title} ${stream.id} ${tracker}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Live ones first, then those with most viewers; a stream that several trackers list, once. */
export function inOrder(streams: readonly FoundStream[]): FoundStream[] {
  const ranked = streams.toSorted(
    (a, b) =>
      Number(b.stream.live) - Number(a.stream.live) ||
      b.stream.viewers - a.stream.viewers ||
      a.stream.title.localeCompare(b.stream.title),
  );
  const seen = new Set<string>();
  return ranked.filter(({ stream: { id } }) => !seen.has(id) && seen.add(id));
}

/** An address a tracker named, for us. Nothing but pages and media. */
export function addressAt(tracker: string | undefined, path: string): string | undefined {
  const base = tracker ?? location.origin;
  const url = URL.canParse(path, base) ? new URL(path, base) : undefined;
  return url?.protocol === "https:" || url?.protocol === "http:" ? url.href : undefined;
}

/** A tracker's answer as far as it is a list of streams: another server may send anything. */
export function readStreams(answer: unknown): ApiStream[] {
  return Array.isArray(answer) ? answer.filter(isStream).slice(0, LISTED_MAX) : [];
}

/** Bounds what another server can make the page grow to. */
const LISTED_MAX = 500;

function isStream(value: unknown): value is ApiStream {
  const { id, title, live, watchUrl, viewers, tracks } = (value ?? {}) as Partial<ApiStream>;
  return (
    typeof id === "string" &&
    /^[a-z2-7]{32}$/.test(id) &&
    typeof title === "string" &&
    typeof live === "boolean" &&
    typeof watchUrl === "string" &&
    typeof viewers === "number" &&
    Array.isArray(tracks)
  );
}
