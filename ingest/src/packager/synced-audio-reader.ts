import { type AudioCoding, isSameCoding } from "#media";
import type { AudioFrame, AudioReader } from "./frames.ts";

/** What the header in front of a frame says. */
export type AudioHeader = {
  coding: AudioCoding;
  samples: number;
  /** The whole frame, header included. */
  frameBytes: number;
  /** Those that do not go into fMP4. */
  headerBytes: number;
};

/** How frames of one format begin. */
export type AudioSync = {
  firstByte: number;
  /** A header is read from so many bytes. */
  headerBytes: number;
  /** Undefined where none begins at `at`. */
  read(bytes: Uint8Array, at: number): AudioHeader | undefined;
  /** Whether a header may begin with these two bytes. */
  isSync(first: number, second: number): boolean;
};

/** Finds frames that begin with a sync word: AAC in ADTS, MP3, AC-3. */
export class SyncedAudioReader implements AudioReader {
  readonly #sync: AudioSync;
  #rest: Uint8Array = new Uint8Array(0);
  #lastCoding: AudioCoding | undefined;

  constructor(sync: AudioSync) {
    this.#sync = sync;
  }

  push(data: Uint8Array): { frames: AudioFrame[]; isFirstCarried: boolean } {
    const carried = this.#rest.length;
    const bytes = carried === 0 ? data : joined(this.#rest, data);
    const frames: AudioFrame[] = [];
    let at = 0;
    let isFirstCarried = false;
    for (;;) {
      const next = bytes.indexOf(this.#sync.firstByte, at);
      at = next < 0 ? bytes.length : next;
      if (bytes.length - at < this.#sync.headerBytes) break;
      const header = this.#sync.read(bytes, at);
      if (header === undefined || !this.#isBelievable(header, bytes, at + header.frameBytes)) {
        at++;
        continue;
      }
      if (bytes.length - at < header.frameBytes) break;
      if (at < carried && frames.length === 0) isFirstCarried = true;
      const { coding, samples, headerBytes, frameBytes } = header;
      frames.push({ coding, samples, bytes: bytes.subarray(at + headerBytes, at + frameBytes) });
      at += frameBytes;
      this.#lastCoding = coding;
    }
    this.#rest = bytes.slice(at);
    return { frames, isFirstCarried };
  }

  reset(): void {
    this.#rest = new Uint8Array(0);
  }

  /**
   * Coded audio looks like a header now and then. Another configuration than before would cost
   * everybody a new init segment, so it is believed only if the next frame follows on the spot.
   */
  #isBelievable({ coding }: AudioHeader, bytes: Uint8Array, next: number): boolean {
    if (isSameCoding(coding, this.#lastCoding) || bytes.length - next < 2) return true;
    return this.#sync.isSync(bytes[next] ?? 0, bytes[next + 1] ?? 0);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
