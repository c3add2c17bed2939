import { writeInitSegment } from "#media";
import {
  type Block,
  blockSigningInput,
  decodeBlock,
  descriptorSigningInput,
  encodeUnsignedBlock,
  publishSigningInput,
  type SignedDescriptor,
  type StreamDescriptor,
  type StreamId,
  sealBlock,
  sliceChunk,
  streamIdBytes,
  toHex,
  WIRE_LIMITS,
} from "#protocol";
import { bestCrypto256, MeshPeer, newPeerId, TrackerClient } from "#transport";
import { browserLinks } from "#transport/browser";
import { ChunkCutter, type CutChunk, type EncodedFrame } from "./chunk-cutter.ts";
import type { Outlet, OutletFacts, TrackKind } from "./outlet.ts";
import type { OwnKey } from "./own-key.ts";
import { codingOf, type DecoderFacts } from "./track-coding.ts";

export const CHUNK_MS = 200;
const VIDEO_TIMESCALE = 90_000;
const AUDIO_TIMESCALE = 48_000;
/** As every publisher: sequence numbers go on where a stream at twice the usual rate would be. */
const SEQUENCE_EPOCH_MS = Date.UTC(2025, 0, 1);
const SEQUENCES_PER_SEC = 2000 / CHUNK_MS;
/** What a browser at home sends, in bit/s. */
const UPLOAD_BPS = 10_000_000;

type Track = { index: number; kind: TrackKind; cutter: ChunkCutter };

export type BrowserPublisherOptions = {
  key: OwnKey;
  title: string;
  /** Of the tracker, which only introduces. */
  trackerUrl: string;
  /** What lets us publish there, where the tracker asks for it. */
  token?: string | undefined;
  /** The tracker or the network changed its mind. */
  onChange(): void;
};

/**
 * Publishes a stream from a browser: signs blocks with the browser's own key and is the mesh's first
 * peer. No server carries any of it; whoever is late has to get it from other viewers.
 */
export class BrowserPublisher implements Outlet {
  readonly streamId: StreamId;
  readonly #options: BrowserPublisherOptions;
  readonly #tracker: TrackerClient;
  readonly #links: ReturnType<typeof browserLinks>;
  readonly #firstSequence: number;
  readonly #tracks = new Map<string, Track>();
  readonly #counts = { chunks: 0, blocks: 0, copyBytes: 0 };
  #peer: MeshPeer | undefined;
  #descriptor: StreamDescriptor;
  /** Signing is asynchronous; what is signed leaves in order. */
  #queue: Promise<void> = Promise.resolve();
  #refusal: string | undefined;
  #isClosed = false;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(options: BrowserPublisherOptions) {
    this.#options = options;
    const { key, title, trackerUrl, token } = options;
    const startedAtMs = Date.now();
    this.streamId = key.streamId;
    this.#firstSequence = Math.floor(
      ((startedAtMs - SEQUENCE_EPOCH_MS) / 1000) * SEQUENCES_PER_SEC,
    );
    this.#descriptor = {
      version: 1,
      streamId: key.streamId,
      publicKey: toHex(key.publicKey),
      revision: Math.floor(startedAtMs / 1000),
      title,
      startedAtMs,
      isLive: false,
      chunkMs: CHUNK_MS,
      scheduler: "striped-push",
      overlay: "adaptive",
      origins: [],
      tracks: [],
    };
    const peerId = newPeerId();
    this.#tracker = new TrackerClient({
      url: trackerUrl,
      streamId: key.streamId,
      peerId,
      role: "seeder",
      token,
      want: 0,
      signProof: async (challenge) =>
        toHex(await key.sign(publishSigningInput(streamIdBytes(key.streamId), challenge))),
    });
    this.#tracker.subscribe({
      onState: () => options.onChange(),
      onRefused: (_what, { message }) => {
        this.#refusal = message;
        options.onChange();
      },
    });
    this.#links = browserLinks({ iceServers: () => this.#tracker.iceServers });
    this.#then(async () => {
      this.#peer = new MeshPeer({
        streamId: key.streamId,
        peerId,
        role: "seeder",
        tracker: this.#tracker,
        links: this.#links,
        crypto: await bestCrypto256(),
        options: { uploadLimitBps: UPLOAD_BPS },
      });
      this.#peer.start();
    });
    this.#timer = setInterval(() => this.#report(), 1000);
  }

  get facts(): OutletFacts {
    return {
      streamId: this.streamId,
      isConnected: this.#tracker.state === "online",
      refusal: this.#refusal,
      isTooSlow: false,
      sentBytes: this.#peer?.stats().bytes.uploaded ?? 0,
    };
  }

  begin(): void {
    // Tracks come with their first frame: viewers are told of each.
  }

  add(kind: TrackKind, frame: EncodedFrame, facts: DecoderFacts): void {
    const known = this.#tracks.get(kind) ?? this.#describe(kind, frame, facts);
    const chunk = known?.cutter.add(frame);
    if (known === undefined || chunk === undefined) return;
    const sourceTimeMs = Math.round(Date.now() - chunk.durationMs);
    this.#then(() => this.#publish(known, chunk, sourceTimeMs));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#then(() => this.#revise({ isLive: false }));
    await this.#queue;
    this.#isClosed = true;
    this.#tracker.unpublish();
    await this.#peer?.close();
    this.#tracker.close();
    this.#links.close();
  }

  #describe(kind: TrackKind, frame: EncodedFrame, facts: DecoderFacts): Track | undefined {
    if (!frame.isKeyFrame) return undefined;
    const coding = codingOf(facts, frame.bytes);
    const timescale = coding.kind === "video" ? VIDEO_TIMESCALE : AUDIO_TIMESCALE;
    const index = this.#descriptor.tracks.length;
    const track = { index, kind, cutter: new ChunkCutter({ timescale, chunkMs: CHUNK_MS }) };
    this.#tracks.set(kind, track);
    const shape =
      coding.kind === "video"
        ? { width: coding.width, height: coding.height }
        : { sampleRateHz: coding.sampleRateHz, channels: coding.channels };
    const described: StreamDescriptor["tracks"][number] = {
      id: kind === "video" ? "v0" : "a0",
      kind,
      codec: coding.codec,
      stripes: kind === "video" ? 8 : 1,
      bitrateBps: 0,
      ...shape,
      initVersion: 0,
      init: toHex(writeInitSegment({ timescale, ...coding })),
    };
    const tracks = [...this.#descriptor.tracks, described];
    // At once, so that the next track finds its place; told to others in order.
    this.#descriptor = { ...this.#descriptor, tracks };
    this.#then(() => this.#revise({ isLive: true }));
    return track;
  }

  async #publish({ index }: Track, chunk: CutChunk, sourceTimeMs: number): Promise<void> {
    const slices = sliceChunk(chunk.bytes);
    const header = {
      track: index,
      sequence: this.#firstSequence + chunk.sequence,
      count: slices.length,
      initVersion: 0,
      isIndependent: chunk.isIndependent,
      isDiscontinuity: chunk.sequence === 0,
      sourceTimeMs,
      durationMs: Math.min(Math.max(1, Math.round(chunk.durationMs)), WIRE_LIMITS.chunkMs),
    };
    const { key } = this.#options;
    const blocks = await Promise.all(
      slices.map(async (payload, at): Promise<Block> => {
        const unsigned = encodeUnsignedBlock({ ...header, index: at }, payload);
        const signature = await key.sign(blockSigningInput(key.streamId, unsigned));
        return decodeBlock(sealBlock(unsigned, signature));
      }),
    );
    this.#counts.chunks++;
    this.#counts.blocks += blocks.length;
    this.#counts.copyBytes += blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#peer?.publish(blocks);
  }

  async #revise(change: { isLive: boolean }): Promise<void> {
    const { revision } = this.#descriptor;
    this.#descriptor = { ...this.#descriptor, ...change, revision: revision + 1 };
    const body = JSON.stringify(this.#descriptor);
    const input = descriptorSigningInput(new TextEncoder().encode(body));
    const signature = toHex(await this.#options.key.sign(input));
    const signed: SignedDescriptor = { body, signature };
    await this.#peer?.updateDescriptor(signed);
    this.#tracker.publish(signed);
  }

  #then(task: () => Promise<void>): void {
    this.#queue = this.#queue.then(async () => {
      if (!this.#isClosed) await task();
    });
  }

  #report(): void {
    const { chunks, blocks, copyBytes } = this.#counts;
    const { uploaded: seeder = 0, control = 0 } = this.#peer?.stats().bytes ?? {};
    const bytes = { copy: copyBytes, seeder, origin: 0, control };
    this.#tracker.sendStats({ streamId: this.streamId, chunks, blocks, bytes });
  }
}
