import type { StreamDescriptor, TrackDescriptor } from "#protocol";
import { usableTracks } from "./codec-support.ts";

/** A track of the stream and its place in the descriptor, by which chunks name it. */
export type PlayableTrack = { track: TrackDescriptor; index: number };

/**
 * One picture and one sound that this browser decodes: the first of each. The picture leads.
 * @param rendition Id of the picture that is meant, or of a sound to hear it alone.
 */
export function playableTracks(
  stream: Pick<StreamDescriptor, "tracks">,
  rendition?: string,
): PlayableTrack[] {
  const usable = usableTracks(stream);
  const named = usable.find(({ id }) => id === rendition);
  const kinds = named?.kind === "audio" ? (["audio"] as const) : (["video", "audio"] as const);
  return kinds.flatMap((kind) => {
    const isMeant = (track: TrackDescriptor) =>
      named?.kind === kind ? track === named : track.kind === kind;
    const track = usable.find(isMeant);
    return track === undefined ? [] : [{ track, index: stream.tracks.indexOf(track) }];
  });
}
