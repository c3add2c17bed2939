import type { StreamDescriptor, TrackDescriptor } from "./descriptor.ts";

/** Who knows nothing of its line yet begins with what most lines carry, in bit/s: a fair mobile network. */
export const START_VIDEO_BPS = 1_500_000;
/** The same by size, while rates are not known yet. */
const START_VIDEO_LINES = 480;

type Tracks = Pick<StreamDescriptor, "tracks">;

/** Renditions of the picture, best first: by rate, by size while rates are not known. */
export function videoRenditions({ tracks }: Tracks): TrackDescriptor[] {
  const video = tracks.filter(({ kind }) => kind === "video");
  const areRatesKnown = video.every(({ bitrateBps }) => bitrateBps > 0);
  const worth = (track: TrackDescriptor) => (areRatesKnown ? track.bitrateBps : pixelsOf(track));
  return video.sort((a, b) => worth(b) - worth(a));
}

/** The rendition of the picture that a newcomer begins with, and the origin's join response has; undefined without video. */
export function startVideo(stream: Tracks): TrackDescriptor | undefined {
  const renditions = videoRenditions(stream);
  return renditions.find(isModest) ?? renditions.at(-1);
}

/**
 * What somebody takes who watches one rendition: its picture, and all sound.
 * @param video Id of a rendition of the picture; undefined or another id is sound alone.
 * @returns Places in the descriptor.
 */
export function tracksWith({ tracks }: Tracks, video: string | undefined): number[] {
  return tracks.flatMap(({ id, kind }, index) => (kind === "audio" || id === video ? [index] : []));
}

function isModest({ bitrateBps, width = 0, height = 0 }: TrackDescriptor): boolean {
  return bitrateBps > 0
    ? bitrateBps <= START_VIDEO_BPS
    : Math.min(width, height) <= START_VIDEO_LINES;
}

function pixelsOf({ width = 0, height = 0 }: TrackDescriptor): number {
  return width * height;
}
