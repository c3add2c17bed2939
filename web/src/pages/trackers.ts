/** Trackers whose streams a visitor wants to see, beside those of this server. */
const KEY = "livemesh-trackers";
/** Each is asked every few seconds. */
export const TRACKERS_MAX = 12;

/**
 * A tracker's address as somebody typed it: `live.example.org`, with or without a scheme and a path.
 * @throws {TypeError} In one line for people, when it is none.
 */
export function parseTrackerUrl(text: string): string {
  const typed = text.trim();
  const isLocal = /^(localhost|127\.|\[::1\])/.test(typed);
  const address = /^[a-z]+:\/\//i.test(typed) ? typed : `${isLocal ? "http" : "https"}://${typed}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:";
  // Chromium takes blanks for part of a name.
  const isName = /^(\[[\da-f:]+\]|[^\s%]+)$/i.test(url?.hostname ?? "");
  if (url === undefined || !isHttp || !isName || url.username !== "") {
    throw new TypeError("This is no address of a server, like https://live.example.org");
  }
  return url.origin;
}

/** The list with one more, newest last; the same list if it is there or is this server itself. */
export function withTracker(trackers: readonly string[], url: string, own: string): string[] {
  if (url === own || trackers.includes(url)) return [...trackers];
  if (trackers.length >= TRACKERS_MAX) {
    throw new TypeError(`There are ${TRACKERS_MAX} already: remove one first`);
  }
  return [...trackers, url];
}

/** What a browser remembers is anybody's word. */
export function readTrackers(kept: string | null): string[] {
  try {
    const list: unknown = JSON.parse(kept ?? "[]");
    const texts = Array.isArray(list) ? list.filter((each) => typeof each === "string") : [];
    return texts.flatMap(urlOrNothing).slice(0, TRACKERS_MAX);
  } catch {
    return [];
  }
}

export function rememberedTrackers(): string[] {
  try {
    return readTrackers(localStorage.getItem(KEY));
  } catch {
    // Storage may be forbidden.
    return [];
  }
}

export function rememberTrackers(trackers: readonly string[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(trackers));
  } catch {
    // As above; the list lives as long as the page.
  }
}

function urlOrNothing(text: string): string[] {
  try {
    return [parseTrackerUrl(text)];
  } catch {
    return [];
  }
}
