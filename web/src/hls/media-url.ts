import { isStreamId, type StreamId } from "#protocol";

/** Where a stream's HLS is, and what of it an address names. */
export type StreamPlace = {
  streamId: StreamId;
  /** What stands before `/streams/:id`; for one `https://live.example.org`. */
  baseUrl: string;
};

export type MediaRange = { trackId: string; first: number; last: number };

/** One of the addresses a livemesh playlist names (docs/hls.md). */
export type MediaUrl = StreamPlace &
  ({ type: "media"; range: MediaRange } | { type: "init"; trackId: string; hash: string });

/** Chunks in one segment at most: six seconds of the shortest chunks there are. */
const SEGMENT_CHUNKS_MAX = 300;

/** What of which stream an address names; undefined when it is not from one of our playlists. */
export function parseMediaUrl(address: string): MediaUrl | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const match = url?.pathname.match(/^(.*)\/streams\/([a-z2-7]{32})\/(.+)$/);
  const [, prefix, streamId, rest = ""] = match ?? [];
  if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined;
  if (prefix === undefined || streamId === undefined || !isStreamId(streamId)) return undefined;
  const place = { streamId, baseUrl: `${url.origin}${prefix}` };
  const init = rest.match(/^hls\/([va]\d)\/init-([0-9a-f]{16})\.mp4$/);
  if (init?.[1] !== undefined && init[2] !== undefined) {
    return { ...place, type: "init", trackId: init[1], hash: init[2] };
  }
  const range = parsePart(rest) ?? parseSegment(rest);
  return range && { ...place, type: "media", range };
}

function parsePart(path: string): MediaRange | undefined {
  const [, trackId, number] = path.match(/^tracks\/([va]\d)\/chunks\/(\d{1,10})\.m4s$/) ?? [];
  if (trackId === undefined) return undefined;
  return { trackId, first: Number(number), last: Number(number) };
}

function parseSegment(path: string): MediaRange | undefined {
  const [, trackId, from, to] = path.match(/^hls\/([va]\d)\/(\d{1,10})-(\d{1,10})\.m4s$/) ?? [];
  const [first, last] = [Number(from), Number(to)];
  const isRange = last >= first && last - first < SEGMENT_CHUNKS_MAX;
  return trackId === undefined || !isRange ? undefined : { trackId, first, last };
}
