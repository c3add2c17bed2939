import type { MeshChunk, MeshOptions } from "#mesh";
import type { StatedTopology } from "#mesh/topology";
import { describeIntegers } from "./integers/integers-checker.ts";
import { IntegersLine } from "./integers/integers-line.ts";
import type { Introducer } from "./introducer.ts";
import { NodePeerError } from "./node-peer-error.ts";
import { outputs } from "./outputs/create-output.ts";
import type { Output, OutputOptions } from "./outputs/output.ts";
import type { PeerLog } from "./peer-log.ts";
import { type PeerStats, peerStats } from "./peer-stats.ts";
import { PeerTracks, type TrackWishes } from "./peer-tracks.ts";
import { Restreamer } from "./restream/restreamer.ts";
import { StreamingServer } from "./streaming/streaming-server.ts";
import { SwarmMember } from "./swarm-member.ts";
import { parseWatchUrl } from "./watch-url.ts";

export type HeadlessPeerOptions = OutputOptions &
  TrackWishes & {
    /** The one UDP port all neighbors share; 0 lets the system choose. */
    port: number;
    /** Local address to meet them on; undefined is all. */
    ip: string | undefined;
    /** What a viewer would open. */
    watchUrl: string;
    /** What is sent to other peers at most, in bit/s. */
    uploadBps: number;
    /** How far behind the source chunks are still waited for, in ms. */
    latencyMs: number;
    /** For streams with overlay `static`: who is linked to whom, and who of them we are. */
    topology?: StatedTopology | undefined;
    /** Peers that introduce others, `http://host:port`, besides the tracker of the watch URL. */
    knownPeers?: readonly string[];
    /** What lets others join through us. Closed by its owner. */
    introducer?: Introducer | undefined;
    /** Take many more neighbors than a viewer would: for machines with a good uplink. */
    isRelay: boolean;
    /** Where players get the stream from this peer; undefined is nowhere. */
    streaming: { host: string; port: number } | undefined;
    /** Where the stream is written to, as on the command line. */
    outputs: readonly string[];
    log: PeerLog;
  };

/**
 * Neighbors a relay takes; half of them may have dialed it. Each of 300 viewers finds a place at one of
 * three, and most of them a second one (simulator, scenario `relays`).
 */
const RELAY_DEGREE_HIGH = 500;

/** One peer of a swarm in Node: takes part like a browser, and gives what it gets to its outputs. */
export class HeadlessPeer {
  readonly #options: HeadlessPeerOptions;
  readonly #place: ReturnType<typeof parseWatchUrl>;
  readonly #startedAtMs = performance.now();
  readonly #outputs: readonly Output[];
  /** Undefined where nobody wants the media. */
  readonly #restreamer: Restreamer | undefined;
  readonly #integers = new IntegersLine();
  /** Undefined takes all tracks. */
  readonly #choice: PeerTracks | undefined;
  #member: SwarmMember | undefined;
  #streaming: StreamingServer | undefined;
  readonly #opened: Output[] = [];
  #onReaderGone: () => void = () => {};
  #startupMs: number | undefined;
  #newestSourceMs: number | undefined;

  /** @throws {NodePeerError} When it was asked for what cannot be. */
  static async start(options: HeadlessPeerOptions): Promise<HeadlessPeer> {
    const peer = new HeadlessPeer(options);
    try {
      await peer.#listen();
      await peer.#join();
    } catch (error) {
      await peer.close();
      throw error;
    }
    return peer;
  }

  private constructor(options: HeadlessPeerOptions) {
    this.#options = options;
    this.#place = parseWatchUrl(options.watchUrl, options.knownPeers?.[0]);
    this.#outputs = createOutputs(options);
    const { track, maxBitrateBps, isRelay, log } = options;
    const isWished = track !== undefined || maxBitrateBps !== undefined;
    // A relay helps all viewers, unless it is told which.
    if (!isRelay || isWished) this.#choice = new PeerTracks({ track, maxBitrateBps }, log);
    const wantsMedia = options.streaming !== undefined || this.#outputs.length > 0;
    if (wantsMedia) this.#restreamer = new Restreamer(options.log);
  }

  /** Resolves when the reader of an output has gone and there is nothing left to run for. */
  readonly readerGone = new Promise<void>((resolve) => {
    this.#onReaderGone = resolve;
  });

  /** Of the streaming server; undefined without one. */
  get streamingPort(): number | undefined {
    return this.#streaming?.port;
  }

  get stats(): PeerStats {
    const member = this.#joined;
    const { mesh, state } = { mesh: member.stats, state: member.state.phase };
    const newestMs = this.#newestSourceMs;
    return peerStats({
      streamId: this.#place.streamId,
      state,
      uptimeMs: performance.now() - this.#startedAtMs,
      startupMs: this.#startupMs,
      latencyMs: newestMs === undefined ? undefined : member.sourceNowMs() - newestMs,
      targetLatencyMs: member.lagMs,
      mesh,
      players: this.#streaming?.clientCount ?? 0,
      integers: this.#integers.checker?.report,
    });
  }

  /** The run is over: what came until now is what {@link stats} and {@link summary} judge. */
  conclude(): void {
    this.#integers.end();
  }

  /** Whether the run was what it should be: something came and, of integers, all and in order. */
  get isSuccess(): boolean {
    const { checker } = this.#integers;
    return checker === undefined ? this.#newestSourceMs !== undefined : checker.isPerfect;
  }

  /** One line on what came. */
  get summary(): string {
    const { checker } = this.#integers;
    if (checker !== undefined) return describeIntegers(checker.report);
    const { delivered, missed } = this.#joined.stats.chunks;
    return `${delivered} chunks, ${missed} missed`;
  }

  /** Leaves the swarm in an orderly way. */
  async close(): Promise<void> {
    await this.#member?.leave();
    this.#restreamer?.end();
    await Promise.all(this.#opened.map((output) => output.close()));
    await this.#streaming?.close();
  }

  get #joined(): SwarmMember {
    if (this.#member === undefined) throw new Error("used before it has joined");
    return this.#member;
  }

  async #listen(): Promise<void> {
    const { streaming, log } = this.#options;
    const restreamer = this.#restreamer;
    if (restreamer === undefined) return;
    if (streaming !== undefined) {
      this.#streaming = await StreamingServer.listen({ ...streaming, restreamer, log });
    }
    for (const output of this.#outputs) {
      await output.open({ restreamer, log, onReaderGone: () => this.#onReaderGone() });
      this.#opened.push(output);
    }
  }

  async #join(): Promise<void> {
    const { port, ip, latencyMs, topology, knownPeers = [], introducer, log } = this.#options;
    this.#member = await SwarmMember.join({
      ...this.#place,
      udp: { port, bindAddress: ip },
      topology,
      knownPeers,
      introducerUrl: introducer?.url,
      latencyMs,
      log,
      mesh: this.#meshOptions,
      choice: this.#choice,
      onChunk: (chunk) => this.#take(chunk),
      onDescriptor: (descriptor, signed) => {
        introducer?.describe(descriptor, signed);
        this.#integers.describe(descriptor);
        this.#restreamer?.describe(descriptor, this.#choice?.tracks(descriptor));
      },
      onTick: (playheadMs) => {
        this.#integers.tick(playheadMs);
        this.#restreamer?.tick(playheadMs);
      },
    });
  }

  get #meshOptions(): Partial<MeshOptions> {
    const { uploadBps: uploadLimitBps, isRelay } = this.#options;
    if (!isRelay) return { uploadLimitBps };
    // It pushes each stripe to as many as it knows: its uplink is the only bound.
    return { uploadLimitBps, degreeHigh: RELAY_DEGREE_HIGH, fanOut: RELAY_DEGREE_HIGH };
  }

  #take(chunk: MeshChunk): void {
    this.#startupMs ??= performance.now() - this.#startedAtMs;
    this.#newestSourceMs = Math.max(this.#newestSourceMs ?? 0, chunk.sourceTimeMs);
    this.#integers.push(chunk);
    this.#restreamer?.push(chunk);
  }
}

function createOutputs(options: HeadlessPeerOptions): Output[] {
  const { outputs: names, isRelay, streaming } = options;
  if (isRelay && (names.length > 0 || streaming !== undefined)) {
    throw new NodePeerError("bad-output", "--relay only helps; leave out outputs, or --relay");
  }
  if (names.filter((name) => name === "-").length > 1) {
    throw new NodePeerError("bad-output", "there is one standard output; name - once");
  }
  // One of no output at all asks for nothing to be made.
  return names.filter((name) => name !== "none").map((name) => outputs.create(name, options));
}
