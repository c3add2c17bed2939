import { LIVE_AHEAD_MS, type Source, type SourceEvent } from "../source.ts";
import { EncoderGate } from "../sources/encoder-gate.ts";
import type { HostAndPort } from "../sources/parse-address.ts";
import { openRtmpDoor, type RtmpPortOptions } from "./rtmp-port.ts";

export type RtmpSourceOptions = RtmpPortOptions & {
  address: HostAndPort;
  /** The password, as it were. */
  streamKey: string;
};

/** An RTMP server for one encoder at a time that knows the stream key; the next one continues. */
export class RtmpSource implements Source {
  readonly aheadMs = LIVE_AHEAD_MS;
  readonly #options: RtmpSourceOptions;

  /** @param name What to call it: without the stream key. */
  constructor(
    readonly name: string,
    options: RtmpSourceOptions,
  ) {
    this.#options = options;
  }

  /** @throws {IngestError} What `openRtmpDoor` throws, at the first pull. */
  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    if (signal.aborted) return;
    const { address, streamKey, ...port } = this.#options;
    const gate = new EncoderGate(this.name);
    const door = await openRtmpDoor({ name: this.name, streamKey, gate }, address, port);
    try {
      yield { type: "waiting", message: `waiting for an encoder on ${this.#nameWith(door.port)}` };
      yield* gate.events(signal);
    } finally {
      await door.close();
    }
  }

  /** The name, with the port that the system chose. */
  #nameWith(port: number): string {
    return this.name.replace(/(:\d+)?(?=\/[^/]*\/\*\*\*$)/, `:${port}`);
  }
}
