import { PUBLISH_CLOSE, type PublishGreeting, type StreamId } from "#protocol";
import { Backoff } from "#transport";
import type { EncodedFrame } from "./chunk-cutter.ts";
import { LiveMp4 } from "./live-mp4.ts";
import type { Outlet, OutletFacts, TrackKind } from "./outlet.ts";
import type { DecoderFacts } from "./track-coding.ts";

/** What may wait to be sent, in bytes: four seconds of the best quality. More would only be late. */
const WAITING_MAX_BYTES = 2_000_000;

export type IngestOutletOptions = {
  /** Of the WebSocket: `wss://live.example.org/publish/KEY`. */
  url: string;
  onChange(): void;
  /** Default: the browser's. */
  connect?: (url: string) => WebSocket;
};

/** Sends a broadcast to an ingest, over a WebSocket that is opened again whenever it closes. */
export class IngestOutlet implements Outlet {
  readonly #options: IngestOutletOptions;
  readonly #backoff = new Backoff({ minMs: 500, maxMs: 5000, random: Math.random });
  #kinds: readonly TrackKind[] = [];
  #socket: WebSocket | undefined;
  #mp4: LiveMp4 | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  #isSkipping = false;
  #facts: OutletFacts = {
    streamId: undefined,
    isConnected: false,
    refusal: undefined,
    isTooSlow: false,
    sentBytes: 0,
  };

  constructor(options: IngestOutletOptions) {
    this.#options = options;
    this.#open();
  }

  get facts(): OutletFacts {
    return this.#facts;
  }

  begin(kinds: readonly TrackKind[]): void {
    this.#kinds = kinds;
  }

  add(kind: TrackKind, frame: EncodedFrame, facts: DecoderFacts): void {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState !== socket.OPEN) return;
    // A decoder on the other side begins at a key frame, after each connection's own header.
    this.#mp4 ??= new LiveMp4(this.#kinds);
    for (const { bytes, isStart } of this.#mp4.add(kind, frame, facts)) {
      if (socket.bufferedAmount > WAITING_MAX_BYTES) this.#isSkipping = true;
      else if (isStart) this.#isSkipping = false;
      if (this.#isSkipping !== this.#facts.isTooSlow) this.#tell({ isTooSlow: this.#isSkipping });
      if (this.#isSkipping) continue;
      socket.send(bytes as Uint8Array<ArrayBuffer>);
      this.#facts.sentBytes += bytes.length;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
  }

  #open(): void {
    const { url, connect = (address) => new WebSocket(address) } = this.#options;
    const socket = connect(url);
    this.#socket = socket;
    socket.onopen = () => this.#tell({ isConnected: true });
    socket.onmessage = ({ data }) => {
      const streamId = greetedAs(data);
      if (streamId === undefined) return;
      this.#backoff.reset();
      this.#tell({ streamId });
    };
    socket.onclose = ({ code, reason }) => {
      this.#mp4 = undefined;
      this.#isSkipping = false;
      const refusal = this.#isForGood(code) ? reason : undefined;
      this.#tell({ isConnected: false, isTooSlow: false, refusal });
      if (this.#isClosed || refusal !== undefined) return;
      this.#timer = setTimeout(() => this.#open(), this.#backoff.nextMs());
    };
  }

  /** After a network went away, who is live with this key may still be we. */
  #isForGood(code: number): boolean {
    if (code === PUBLISH_CLOSE.wrongKey) return true;
    return code === PUBLISH_CLOSE.encoderLive && this.#facts.streamId === undefined;
  }

  #tell(change: Partial<OutletFacts>): void {
    this.#facts = { ...this.#facts, ...change };
    if (!this.#isClosed) this.#options.onChange();
  }
}

/** What any server may say. */
function greetedAs(message: unknown): StreamId | undefined {
  try {
    const { streamId } = JSON.parse(String(message)) as Partial<PublishGreeting>;
    return /^[a-z2-7]{32}$/.test(streamId ?? "") ? streamId : undefined;
  } catch {
    return undefined;
  }
}
