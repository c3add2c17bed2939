import type { StreamDescriptor, TrackDescriptor } from "#protocol";
import { mediaSourceClass } from "./media-source.ts";
import { mimeTypeOf } from "./track-feed.ts";

/** Whether this browser decodes a track. */
export function canPlay(track: Pick<TrackDescriptor, "kind" | "codec">): boolean {
  return mediaSourceClass()?.isTypeSupported(mimeTypeOf(track)) ?? false;
}

/**
 * The tracks of a stream that this browser decodes. Of a stream it decodes nothing of, all of them:
 * whoever tries hears which codec it was.
 */
export function usableTracks({ tracks }: Pick<StreamDescriptor, "tracks">): TrackDescriptor[] {
  const usable = tracks.filter(canPlay);
  return usable.length === 0 ? [...tracks] : usable;
}

/** The first track of each kind that this browser has to do without: it decodes none of them. */
export function unplayableTracks({ tracks }: Pick<StreamDescriptor, "tracks">): TrackDescriptor[] {
  return (["video", "audio"] as const).flatMap((kind) => {
    const ofKind = tracks.filter((track) => track.kind === kind);
    return ofKind.some(canPlay) ? [] : ofKind.slice(0, 1);
  });
}
