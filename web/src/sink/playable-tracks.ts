import type { StreamDescriptor, TrackDescriptor } from "#protocol";

/** A track of the stream and its place in the descriptor, by which chunks name it. */
export type PlayableTrack = { track: TrackDescriptor; index: number };

/** One picture and one sound: the first of each. The picture leads. */
export function playableTracks({ tracks }: Pick<StreamDescriptor, "tracks">): PlayableTrack[] {
  return (["video", "audio"] as const).flatMap((kind) => {
    const index = tracks.findIndex((track) => track.kind === kind);
    const track = tracks[index];
    return track === undefined ? [] : [{ track, index }];
  });
}
