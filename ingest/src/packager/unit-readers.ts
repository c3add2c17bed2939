import { AC3 } from "./ac3.ts";
import { ADTS } from "./adts.ts";
import type { AudioReader, VideoReader } from "./frames.ts";
import { MP3 } from "./mp3.ts";
import { annexBUnits } from "./nal-units.ts";
import { NalVideoReader } from "./nal-video-reader.ts";
import { OpusTsReader } from "./opus-ts.ts";
import type { Carried } from "./stream-types.ts";
import { SyncedAudioReader } from "./synced-audio-reader.ts";

/** Reads the units of a transport stream's video and audio, whichever codecs they turn out to be. */
export class UnitReaders {
  #video: { codec: Carried["codec"]; reader: VideoReader } | undefined;
  #audio: { codec: Carried["codec"]; reader: AudioReader } | undefined;

  /** The same reader as long as the codec stays: it remembers parameter sets. */
  video({ codec }: Carried): VideoReader {
    if (this.#video?.codec !== codec) this.#video = { codec, reader: videoReader(codec) };
    return this.#video.reader;
  }

  audio(carried: Carried): AudioReader {
    const { codec } = carried;
    if (this.#audio?.codec !== codec) this.#audio = { codec, reader: audioReader(carried) };
    return this.#audio.reader;
  }

  /** Half a frame of what came before does not belong to what comes. */
  reset(): void {
    this.#audio?.reader.reset();
  }
}

function videoReader(codec: Carried["codec"]): VideoReader {
  const reader = new NalVideoReader(codec === "hevc" ? "hevc" : "h264");
  return { read: (data) => reader.read(annexBUnits(data)) };
}

function audioReader({ codec, channels = 2 }: Carried): AudioReader {
  switch (codec) {
    case "opus":
      return new OpusTsReader(channels);
    case "mp3":
      return new SyncedAudioReader(MP3);
    case "ac3":
      return new SyncedAudioReader(AC3);
    default:
      return new SyncedAudioReader(ADTS);
  }
}
