import { isStreamId, type StreamId } from "#protocol";

/** Which stream, and whose tracker and origin know it. */
export type StreamAddress = {
  streamId: StreamId;
  /** Origin of the server, for one `https://live.example.org`. */
  serverUrl: string;
  /** What lets a viewer in there: `?token=` of the address. */
  token?: string;
};

/**
 * Read what a page wrote into `src`: a watch URL, absolute or relative, or a bare stream id.
 * @param tracker Server a bare stream id belongs to; empty for the one the page came from.
 * @throws {TypeError} On anything else, saying what is allowed.
 */
export function parseStreamAddress(src: string, pageUrl: string, tracker = ""): StreamAddress {
  const text = src.trim();
  if (isStreamId(text)) return { streamId: text, serverUrl: trackerUrl(tracker, pageUrl) };
  const url = URL.canParse(text, pageUrl) ? new URL(text, pageUrl) : undefined;
  const streamId = url?.pathname.match(/\/watch\/([^/]+)\/?$/)?.[1];
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:";
  if (url === undefined || !isHttp || streamId === undefined || !isStreamId(streamId)) {
    throw new TypeError(
      `src must be a watch URL (https://…/watch/…) or a stream id of 32 characters, got "${text.slice(0, 80)}"`,
    );
  }
  const token = url.searchParams.get("token");
  return { streamId, serverUrl: url.origin, ...(token !== null && { token }) };
}

function trackerUrl(tracker: string, pageUrl: string): string {
  const url = URL.canParse(tracker, pageUrl) ? new URL(tracker, pageUrl) : undefined;
  if (url !== undefined && ["http:", "https:"].includes(url.protocol)) return url.origin;
  const found = tracker === "" ? `a page at ${pageUrl.slice(0, 80)}` : `"${tracker.slice(0, 80)}"`;
  throw new TypeError(`tracker must be an http or https URL, got ${found}`);
}

/** The page where people watch the stream. */
export function watchUrl({ streamId, serverUrl }: StreamAddress): string {
  return `${serverUrl}/watch/${streamId}`;
}
