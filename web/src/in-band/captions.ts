import { MediaError } from "#media";
import type { AppendedChunk } from "../sink/track-feed.ts";
import { CaptionCues } from "./caption-cues.ts";
import { CaptionFeed } from "./caption-feed.ts";
import type { CaptionedCodec } from "./captioned-codec.ts";

/** From the pictures of chunks into the text tracks of a media element. Loaded when a stream has captions. */
export class Captions {
  readonly #cues: CaptionCues;
  readonly #feed: CaptionFeed;

  constructor(video: HTMLVideoElement) {
    const tracks = new Map<string, TextTrack>();
    const trackOf = (channel: string) => {
      const known = tracks.get(channel) ?? existing(video, channel);
      const track = known ?? video.addTextTrack("captions", channel);
      // Otherwise the browser keeps no cues. Whoever wants to read them chooses "showing".
      if (track.mode === "disabled") track.mode = "hidden";
      tracks.set(channel, track);
      return track;
    };
    this.#cues = new CaptionCues(trackOf, newCue);
    this.#feed = new CaptionFeed((caption) => this.#cues.show(caption));
  }

  push({ chunk, timescale }: AppendedChunk, codec: CaptionedCodec): void {
    try {
      this.#feed.push(chunk.bytes, timescale, codec);
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
    }
  }

  clear(): void {
    this.#feed.clear();
    this.#cues.clear();
  }
}

/** Above the control bar, which takes the place of the last lines. */
function newCue(startSec: number, endSec: number, text: string): VTTCue {
  const cue = new VTTCue(startSec, endSec, text);
  cue.line = text.includes("\n") ? -4 : -3;
  return cue;
}

/** An element that plays one stream after the other keeps its tracks: they cannot be removed. */
function existing(video: HTMLVideoElement, channel: string): TextTrack | undefined {
  return [...video.textTracks].find(({ kind, label }) => kind === "captions" && label === channel);
}
