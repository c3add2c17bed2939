import type { ApiStream, ApiTrack } from "#protocol";
import { shortCodecName } from "../player/codec-name.ts";

/** `1 viewer`, `12 viewers`. */
export function viewersText(viewers: number): string {
  return viewers === 1 ? "1 viewer" : `${viewers} viewers`;
}

/** `640×360, H.264 and AAC`, with several renditions `1080p, 720p and 360p, H.264 and AAC`; what is known. */
export function mediaText({ tracks }: Pick<ApiStream, "tracks">): string {
  const inOrder = [...tracks].sort((a, b) => rank(a) - rank(b));
  const codecs = new Set(inOrder.map(({ codec }) => shortCodecName(codec)));
  return [sizesText(tracks), listed([...codecs])].filter((part) => part !== "").join(", ");
}

/** Pictures before sound. */
function rank({ kind }: ApiTrack): number {
  return kind === "video" ? 0 : 1;
}

function sizesText(tracks: readonly ApiTrack[]): string {
  const sizes = tracks.flatMap(({ width, height }) =>
    width === undefined || height === undefined ? [] : [{ width, height }],
  );
  const [first] = sizes;
  if (first === undefined) return "";
  if (sizes.length === 1) return `${first.width}×${first.height}`;
  const lines = new Set(sizes.map(({ width, height }) => Math.min(width, height)));
  return listed([...lines].sort((a, b) => b - a).map((count) => `${count}p`));
}

/** `a, b and c`. */
function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
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
