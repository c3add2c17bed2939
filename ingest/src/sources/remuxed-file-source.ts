import {
  ALL_FORMATS,
  AppendOnlyStreamTarget,
  EncodedAudioPacketSource,
  type EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  FilePathSource,
  Input,
  type InputAudioTrack,
  type InputTrack,
  type InputVideoTrack,
  MpegTsOutputFormat,
  Output,
} from "mediabunny";
import { IngestError } from "../ingest-error.ts";
import type { Source, SourceEvent } from "../source.ts";
import { describeFailure } from "./describe-failure.ts";
import { slices } from "./slices.ts";

/** Writes of transport stream that wait to be read, some KiB each: bounds how far we read ahead. */
const WAITING_WRITES = 64;

/** Takes packets in decode order; resolves when it has room for more. */
type PacketTaker = { add(packet: EncodedPacket): Promise<void> };
type Feed = { next: EncodedPacket; rest: AsyncIterator<EncodedPacket>; to: PacketTaker };

/** A film in a container made for files, for who reads only bytes: as a transport stream. */
export class RemuxedFileSource implements Source {
  readonly name: string;
  readonly aheadMs = 0;
  readonly #isLooped: boolean;

  constructor(path: string, { loop }: { loop: boolean }) {
    this.name = path;
    this.#isLooped = loop;
  }

  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    do {
      if (signal.aborted) return;
      yield { type: "start", description: this.name };
      yield* this.#playOnce(signal);
    } while (this.#isLooped);
    if (!signal.aborted) yield { type: "end", reason: `${this.name}: end of file` };
  }

  async *#playOnce(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    const input = new Input({ source: new FilePathSource(this.name), formats: ALL_FORMATS });
    let fail: (error: unknown) => void = () => {};
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
      {
        start(controller) {
          fail = (error) => controller.error(error);
        },
      },
      { highWaterMark: WAITING_WRITES },
      { highWaterMark: 0 },
    );
    // Whoever reads learns of it; a stream that was given up already does not care.
    const remuxed = this.#remux(input, writable).catch((error: unknown) => fail(error));
    try {
      for await (const bytes of readable) {
        for (const slice of slices(bytes)) {
          if (signal.aborted) return;
          yield { type: "bytes", bytes: slice };
        }
      }
    } catch (error) {
      if (error instanceof IngestError) throw error;
      throw this.#unreadable(describeFailure(error), error);
    } finally {
      input.dispose();
      await remuxed;
    }
  }

  async #remux(input: Input, writable: WritableStream<Uint8Array>): Promise<void> {
    if (!(await input.canRead())) throw this.#unreadable("no media in it that we know");
    const video = await input.getPrimaryVideoTrack();
    const audio = await input.getPrimaryAudioTrack();
    const output = new Output({
      format: new MpegTsOutputFormat(),
      target: new AppendOnlyStreamTarget(writable),
    });
    const feeds: Feed[] = [];
    const starts: (() => Promise<Feed | undefined>)[] = [];
    if (video !== null) starts.push(await this.#videoFeed(video, output));
    if (audio !== null) starts.push(await this.#audioFeed(audio, output));
    if (starts.length === 0) throw this.#unreadable("neither video nor audio in it");
    await output.start();
    for (const start of starts) {
      const feed = await start();
      if (feed !== undefined) feeds.push(feed);
    }
    while (feeds.length > 0) await this.#passNext(feeds);
    await output.finalize();
  }

  /** The earliest of all tracks. */
  async #passNext(feeds: Feed[]): Promise<void> {
    const feed = feeds.reduce((a, b) => (b.next.timestamp < a.next.timestamp ? b : a));
    await feed.to.add(feed.next);
    const { value, done } = await feed.rest.next();
    if (done) feeds.splice(feeds.indexOf(feed), 1);
    else feed.next = value;
  }

  async #videoFeed(track: InputVideoTrack, output: Output) {
    const codec = await track.getCodec();
    if (codec !== "avc") throw this.#unsupported("video", codec, "H.264");
    const source = new EncodedVideoPacketSource(codec);
    output.addVideoTrack(source);
    return startOf(track, await track.getDecoderConfig(), source);
  }

  async #audioFeed(track: InputAudioTrack, output: Output) {
    const codec = await track.getCodec();
    if (codec !== "aac") throw this.#unsupported("audio", codec, "AAC");
    const source = new EncodedAudioPacketSource(codec);
    output.addAudioTrack(source);
    return startOf(track, await track.getDecoderConfig(), source);
  }

  #unsupported(kind: string, codec: string | null, wanted: string): IngestError {
    return new IngestError(
      "input-unsupported",
      `cannot stream ${this.name}: its ${kind} is ${codec ?? "of an unknown codec"}, ${wanted} is needed` +
        " (ffmpeg -i FILE -c:v libx264 -c:a aac OUT.mp4)",
    );
  }

  #unreadable(why: string, cause?: unknown): IngestError {
    return new IngestError("input-unreadable", `cannot read input ${this.name}: ${why}`, { cause });
  }
}

/** To be called when the output is ready. @param decoderConfig What the packets are decoded with. */
function startOf<Config>(
  track: InputTrack,
  decoderConfig: Config | null,
  source: { add(packet: EncodedPacket, meta: { decoderConfig?: Config }): Promise<void> },
): () => Promise<Feed | undefined> {
  const meta = decoderConfig === null ? {} : { decoderConfig };
  return () => begun(track, { add: (packet) => source.add(packet, meta) });
}

async function begun(track: InputTrack, to: PacketTaker): Promise<Feed | undefined> {
  const rest = new EncodedPacketSink(track).packets()[Symbol.asyncIterator]();
  const { value, done } = await rest.next();
  return done ? undefined : { next: value, rest, to };
}
