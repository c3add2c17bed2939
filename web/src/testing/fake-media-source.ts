import { FakeSourceBuffer } from "./fake-source-buffer.ts";

/** A media source that opens when told to. The last one made is `FakeMediaSource.last`. */
export class FakeMediaSource extends EventTarget {
  static last: FakeMediaSource | undefined;
  static unsupported = new Set<string>();
  readonly buffers: FakeSourceBuffer[] = [];
  readyState = "closed";

  constructor() {
    super();
    FakeMediaSource.last = this;
  }

  static isTypeSupported(mimeType: string): boolean {
    return !FakeMediaSource.unsupported.has(mimeType);
  }

  addSourceBuffer(): FakeSourceBuffer {
    const buffer = new FakeSourceBuffer();
    this.buffers.push(buffer);
    return buffer;
  }

  /** As browsers do it: the state changes first, the event comes as a task of its own. */
  setOpen(): void {
    this.readyState = "open";
  }

  tellOpen(): void {
    this.dispatchEvent(new Event("sourceopen"));
  }
}

/**
 * Like Safari's on iPhones (17.1): opens only while remote playback is disabled, and says when it
 * wants media and when it has enough. No such browser is at hand; from the Media Source specification,
 * sections on ManagedMediaSource.
 */
export class FakeManagedMediaSource extends FakeMediaSource {
  streaming = false;

  setStreaming(isWanted: boolean): void {
    this.streaming = isWanted;
    this.dispatchEvent(new Event(isWanted ? "startstreaming" : "endstreaming"));
  }
}

/** The part of a media element that a sink touches. */
export class FakeVideo extends EventTarget {
  src = "";
  currentTime = 0;
  error = null;
  disableRemotePlayback = false;

  removeAttribute(): void {
    this.src = "";
  }

  load(): void {}
}
