import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { StreamId } from "#protocol";
import { LIVE_AHEAD_MS, type Source, type SourceEvent } from "../source.ts";
import { EncoderGate } from "../sources/encoder-gate.ts";
import { describeRemote } from "../sources/tcp-listen-source.ts";

/** What encoders push to one publish key, one encoder at a time. */
export class PublishSource implements Source {
  readonly aheadMs = LIVE_AHEAD_MS;
  readonly gate: EncoderGate;
  /** Of the stream it becomes, for encoders that want to know. */
  streamId: StreamId | undefined;

  constructor(readonly name: string) {
    this.gate = new EncoderGate(name);
  }

  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    if (signal.aborted) return;
    yield { type: "waiting", message: "waiting for an encoder on the HTTP port, at /publish/KEY" };
    yield* this.gate.events(signal);
  }

  /** @returns Whether the encoder is in; another one may be live. */
  admit(bytes: Readable, socket: Socket): boolean {
    return this.gate.admit(bytes, describeRemote(socket));
  }
}
