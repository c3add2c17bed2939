import { type StreamDescriptor, startVideo, tracksWith } from "#protocol";
import type { TrackChoice } from "#transport";

/** What an HLS player asks for is what the mesh should bring: the rendition it asked for last, and the sound. */
export class RequestedRendition implements TrackChoice {
  readonly #onChange: () => void;
  #video: string | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get joinVideo(): string | undefined {
    return this.#video;
  }

  /** Media of this track was asked for. */
  note(trackId: string): void {
    if (!trackId.startsWith("v") || trackId === this.#video) return;
    this.#video = trackId;
    this.#onChange();
  }

  /** Before anything was asked for: what players begin with, as our playlists name that first. */
  tracks(descriptor: StreamDescriptor): number[] {
    return tracksWith(descriptor, this.#video ?? startVideo(descriptor)?.id);
  }
}
