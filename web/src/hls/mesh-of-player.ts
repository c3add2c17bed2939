import { HlsMesh } from "./hls-mesh.ts";
import { type MediaUrl, parseMediaUrl } from "./media-url.ts";
import { meshLoader } from "./mesh-loader.ts";

export type HlsMeshOptions = {
  /**
   * Where the stream's tracker is, for one `https://live.example.org`. Default: the server that the
   * playlist comes from, as with `livemesh serve`. `livemesh ingest` has its tracker elsewhere.
   */
  tracker?: string;
  /** What lets the viewer into the mesh of a protected stream. Playlists and media that the player asks for
   * itself are its owner's to authorize. */
  token?: string;
  /** Called with the mesh when a stream's media is first asked for, and for each other stream. */
  onMesh?: (mesh: HlsMesh) => void;
};

/** Nothing asked for this long, in ms: the player has gone, or is paused. It comes back by asking. */
const IDLE_MS = 30_000;
/** Four times a second, as `<livemesh-player>` does. */
const PLAYHEAD_MS = 250;
/** Without an instance to ask, in ms: the distance hls.js keeps on our playlists (PART-HOLD-BACK). */
const USUAL_LATENCY_MS = 1800;

/** The mesh of whichever stream one player plays. */
export class MeshOfPlayer {
  readonly #options: HlsMeshOptions;
  #mesh: HlsMesh | undefined;
  #key = "";
  #idle: ReturnType<typeof setTimeout> | undefined;
  #playheadMs: (() => number | undefined) | undefined;
  #playheadTimer: ReturnType<typeof setInterval> | undefined;

  constructor(options: HlsMeshOptions) {
    this.#options = options;
  }

  get current(): HlsMesh | undefined {
    return this.#mesh;
  }

  readonly loader = meshLoader({
    recognize: parseMediaUrl,
    load: (url, signal) => this.#of(url).load(url, signal),
  });

  /** @param playheadMs Source time on screen; undefined while nothing plays. */
  follow(playheadMs: () => number | undefined): void {
    this.#playheadMs = playheadMs;
  }

  leave(): void {
    clearTimeout(this.#idle);
    clearInterval(this.#playheadTimer);
    this.#mesh?.close();
    this.#mesh = undefined;
    this.#key = "";
  }

  #of(url: MediaUrl): HlsMesh {
    const { streamId, baseUrl } = url;
    const key = `${baseUrl} ${streamId}`;
    clearTimeout(this.#idle);
    if (this.#mesh === undefined || this.#key !== key) {
      this.leave();
      this.#key = key;
      this.#mesh = this.#join(streamId, baseUrl);
    }
    this.#idle = setTimeout(() => this.leave(), IDLE_MS);
    return this.#mesh;
  }

  #join(streamId: MediaUrl["streamId"], baseUrl: string): HlsMesh {
    const { tracker = new URL(baseUrl).origin, token, onMesh } = this.#options;
    const mesh = new HlsMesh({ streamId, baseUrl }, new URL(tracker).origin, token);
    this.#playheadTimer = setInterval(() => {
      mesh.setPlayhead(this.#playheadMs === undefined ? guess(mesh) : this.#playheadMs());
    }, PLAYHEAD_MS);
    onMesh?.(mesh);
    return mesh;
  }
}

function guess(mesh: HlsMesh): number | undefined {
  const nowMs = mesh.sourceNowMs();
  return nowMs === undefined ? undefined : nowMs - USUAL_LATENCY_MS;
}
