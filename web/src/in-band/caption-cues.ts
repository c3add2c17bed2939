import type { Caption } from "./caption-feed.ts";

/** The part of a `TextTrack` we use. */
export type CueTrack = Pick<TextTrack, "addCue" | "removeCue" | "cues">;
type Cue = Pick<VTTCue, "startTime" | "endTime" | "text">;

/** Captions told in pieces that follow each other at this distance, in seconds, are one. */
const SEAM_SEC = 0.05;
/** Cues kept per channel: bounds what hours of live leave behind. */
const CUES_MAX = 200;

/** Puts captions into text tracks: one that goes on grows, one that changes is followed by another. */
export class CaptionCues {
  readonly #trackOf: (channel: string) => CueTrack;
  readonly #newCue: (startSec: number, endSec: number, text: string) => Cue;
  readonly #last = new Map<string, Cue>();

  constructor(
    trackOf: (channel: string) => CueTrack,
    newCue: (startSec: number, endSec: number, text: string) => Cue,
  ) {
    this.#trackOf = trackOf;
    this.#newCue = newCue;
  }

  show({ channel, startSec, endSec, text }: Caption): void {
    const last = this.#last.get(channel);
    const isOn = last !== undefined && startSec <= last.endTime + SEAM_SEC;
    if (isOn && last.text === text) {
      last.endTime = Math.max(last.endTime, endSec);
      return;
    }
    const fromSec = Math.max(startSec, last?.endTime ?? startSec);
    if (endSec <= fromSec) return;
    const cue = this.#newCue(fromSec, endSec, text);
    const track = this.#trackOf(channel);
    track.addCue(cue as VTTCue);
    this.#last.set(channel, cue);
    const oldest = track.cues?.[0];
    if (oldest !== undefined && (track.cues?.length ?? 0) > CUES_MAX) track.removeCue(oldest);
  }

  /** Times are others from now on. */
  clear(): void {
    for (const channel of this.#last.keys()) {
      const track = this.#trackOf(channel);
      for (const cue of [...(track.cues ?? [])]) track.removeCue(cue);
    }
    this.#last.clear();
  }
}
