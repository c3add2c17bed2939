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
 * Read what a page wrote into `src`: a watch URL, absolute or relative, or a bare stream id, which
 * means the server the page came from.
 * @throws {TypeError} On anything else, saying what is allowed.
 */
export function parseStreamAddress(src: string, pageUrl: string): StreamAddress {
  const text = src.trim();
  if (isStreamId(text)) return { streamId: text, serverUrl: new URL(pageUrl).origin };
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

/** The page where people watch the stream. */
export function watchUrl({ streamId, serverUrl }: StreamAddress): string {
  return `${serverUrl}/watch/${streamId}`;
}
