import type { ApiStream } from "#protocol";
import { shortCodecName } from "../player/codec-name.ts";

/** `1 viewer`, `12 viewers`. */
export function viewersText(viewers: number): string {
  return viewers === 1 ? "1 viewer" : `${viewers} viewers`;
}

/** `640×360, H.264 and AAC`; what is known of it. */
export function mediaText({ tracks }: Pick<ApiStream, "tracks">): string {
  const sized = tracks.find(({ width, height }) => width !== undefined && height !== undefined);
  const size = sized === undefined ? "" : `${sized.width}×${sized.height}`;
  const codecs = tracks.map(({ codec }) => shortCodecName(codec)).join(" and ");
  return [size, codecs].filter((part) => part !== "").join(", ");
}

/** Title as people gave it, or something to click on. */
export function titleText({ title, id }: Pick<ApiStream, "title" | "id">): string {
  return title.trim() === "" ? `Stream ${id.slice(0, 8)}` : title;
}

/** What the directory says above the list. */
export function summaryText(streams: readonly ApiStream[]): string {
  const live = streams.filter(({ live }) => live).length;
  const viewers = streams.reduce((sum, stream) => sum + stream.viewers, 0);
  if (streams.length === 0) return "";
  return `${live} on air, ${viewersText(viewers)}`;
}

/** A hue for a stream that has no picture yet: the same stream looks the same everywhere. */
export function hueOf(streamId: string): number {
  let hash = 0;
  for (const character of streamId) hash = (hash * 31 + character.charCodeAt(0)) % 3600;
  return hash / 10;
}
