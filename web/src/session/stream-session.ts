import type { MeshChunk, MeshStats } from "#mesh";
import type { StreamDescriptor } from "#protocol";
import {
  bestCrypto256,
  MeshPeer,
  newPeerId,
  StreamOrigins,
  type TrackChoice,
  TrackerClient,
  tokenPeerId,
} from "#transport";
import { browserLinks, hasWebRtc } from "#transport/browser";
import type { StreamAddress } from "../player/stream-address.ts";

export type StreamSessionHandlers = {
  onChunk(chunk: MeshChunk): void;
  onDescriptor(descriptor: StreamDescriptor): void;
  /** What {@link StreamSession.facts} tells has changed. */
  onChange(): void;
};

export type SessionFacts = {
  /** Whether the server knows the stream; undefined while nobody has answered. */
  isKnown: boolean | undefined;
  isLive: boolean;
  hasWebRtc: boolean;
  isTrackerOnline: boolean;
  /** The stream needs a newer player; one line that says what. */
  problem: string | undefined;
};

/** One player's membership in one stream's swarm. Comes back by itself from whatever is lost. */
export class StreamSession {
  readonly hasWebRtc = hasWebRtc();
  readonly #close = new AbortController();
  #peer: MeshPeer | undefined;

  /** @param choice Which tracks the mesh has to bring. */
  constructor(address: StreamAddress, choice: TrackChoice, handlers: StreamSessionHandlers) {
    void this.#open(address, choice, handlers);
  }

  get facts(): SessionFacts {
    const state = this.#peer?.state;
    const isKnown = { running: true, "waiting-for-stream": false } as Record<string, boolean>;
    return {
      isKnown: isKnown[state?.phase ?? "starting"],
      isLive: this.#peer?.descriptor?.isLive ?? false,
      hasWebRtc: this.hasWebRtc,
      isTrackerOnline: state?.tracker === "online",
      problem: state?.problem,
    };
  }

  get descriptor(): StreamDescriptor | undefined {
    return this.#peer?.descriptor;
  }

  get stats(): MeshStats | undefined {
    return this.#peer?.stats();
  }

  /** Source clock now, in ms. */
  sourceNowMs(): number | undefined {
    return this.#peer?.sourceNowMs();
  }

  /** The choice has changed. */
  chooseTracks(): void {
    this.#peer?.chooseTracks();
  }

  setPlayhead(sourceTimeMs: number | undefined): void {
    this.#peer?.setPlayhead(sourceTimeMs);
  }

  /** Good-byes are said; nothing is called any more. */
  close(): void {
    this.#close.abort();
  }

  async #open(
    { streamId, serverUrl, token }: StreamAddress,
    choice: TrackChoice,
    handlers: StreamSessionHandlers,
  ) {
    const crypto = await bestCrypto256();
    const { signal } = this.#close;
    if (signal.aborted) return;
    const peerId = tokenPeerId(token) ?? newPeerId();
    const tracker = new TrackerClient({ url: serverUrl, streamId, peerId, role: "viewer", token });
    const links = this.hasWebRtc
      ? browserLinks({ iceServers: () => tracker.iceServers })
      : undefined;
    const peer = new MeshPeer({
      streamId,
      peerId,
      tracker,
      crypto,
      choice,
      origin: new StreamOrigins({ serverUrl, streamId, token }),
      ...(links === undefined ? {} : { links }),
      onChunk: (chunk) => signal.aborted || handlers.onChunk(chunk),
      onDescriptor: (descriptor) => signal.aborted || handlers.onDescriptor(descriptor),
      onState: () => signal.aborted || handlers.onChange(),
    });
    this.#peer = peer;
    signal.addEventListener("abort", async () => {
      // The other way round, neighbors would never hear that we go.
      await peer.close();
      links?.close();
      tracker.close();
    });
    peer.start();
  }
}
