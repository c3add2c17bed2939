import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
} from "hls.js";
import type { MediaUrl } from "./media-url.ts";
import { OriginFailure } from "./verified-origin.ts";

/** Gives media by address, or says that it is not ours. */
export type MediaSupply = {
  recognize(address: string): MediaUrl | undefined;
  load(url: MediaUrl, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
};

/** What hls.js takes a transfer to have lasted at least, in ms: its own `minDelayMs`. */
const TRANSFER_MS = 50;

/**
 * The class hls.js makes a loader of for each fragment and part. What our playlists name comes from
 * `supply`; anything else is loaded as hls.js would have.
 */
export function meshLoader(supply: MediaSupply): FragmentLoaderConstructor {
  return class MeshFragmentLoader implements Loader<FragmentLoaderContext> {
    context: FragmentLoaderContext | null = null;
    #stats = newStats();
    readonly #config: HlsConfig;
    readonly #abort = new AbortController();
    #plain: Loader<FragmentLoaderContext> | undefined;
    #onAbort: (() => void) | undefined;

    constructor(config: HlsConfig) {
      this.#config = config;
    }

    get stats(): LoaderStats {
      return this.#stats;
    }

    load(
      context: FragmentLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      this.context = context;
      const url = supply.recognize(context.url);
      if (url === undefined) this.#loadPlainly(context, config, callbacks);
      else void this.#loadFromMesh(url, context, config, callbacks);
    }

    abort(): void {
      this.#plain?.abort();
      if (this.#onAbort === undefined) return;
      this.#stats.aborted = true;
      this.#abort.abort();
      const told = this.#onAbort;
      this.#onAbort = undefined;
      told();
    }

    destroy(): void {
      this.#onAbort = undefined;
      this.#abort.abort();
      this.#plain?.destroy();
      this.context = null;
    }

    getCacheAge(): number | null {
      return this.#plain?.getCacheAge?.() ?? null;
    }

    getResponseHeader(name: string): string | null {
      return this.#plain?.getResponseHeader?.(name) ?? null;
    }

    #loadPlainly(
      context: FragmentLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      const Plain = this.#config.loader as unknown as FragmentLoaderConstructor;
      this.#plain = new Plain(this.#config);
      // hls.js holds the statistics it saw first, and reads them from there.
      this.#plain.stats = this.#stats;
      this.#plain.load(context, config, callbacks);
    }

    async #loadFromMesh(
      url: MediaUrl,
      context: FragmentLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): Promise<void> {
      const stats = this.#stats;
      const { signal } = this.#abort;
      stats.loading.start = performance.now();
      const { maxLoadTimeMs } = config.loadPolicy;
      const timer = setTimeout(() => {
        if (!this.#settle()) return;
        this.#abort.abort();
        callbacks.onTimeout(stats, context, null);
      }, maxLoadTimeMs);
      this.#onAbort = () => {
        clearTimeout(timer);
        callbacks.onAbort?.(stats, context, null);
      };
      try {
        const bytes = await supply.load(url, signal);
        clearTimeout(timer);
        if (!this.#settle()) return;
        measure(stats, bytes.length);
        callbacks.onProgress?.(stats, context, bytes.buffer, null);
        callbacks.onSuccess(
          { url: context.url, data: bytes.buffer, code: 200 },
          stats,
          context,
          null,
        );
      } catch (error) {
        clearTimeout(timer);
        if (!this.#settle()) return;
        const code = error instanceof OriginFailure ? error.status : 0;
        const text = error instanceof Error ? error.message : String(error);
        callbacks.onError({ code, text }, context, null, stats);
      }
    }

    /** @returns Whether nobody has settled this before: hls.js wants exactly one answer. */
    #settle(): boolean {
      const isOurs = this.#onAbort !== undefined;
      this.#onAbort = undefined;
      return isOurs;
    }
  };
}

function newStats(): LoaderStats {
  return {
    aborted: false,
    loaded: 0,
    retry: 0,
    total: 0,
    chunkCount: 0,
    bwEstimate: 0,
    loading: { start: 0, first: 0, end: 0 },
    parsing: { start: 0, end: 0 },
    buffering: { start: 0, first: 0, end: 0 },
  };
}

/**
 * What came in its own time says nothing of how fast it could have come: as long as a part takes to
 * be made is no transfer. hls.js would otherwise take the mesh for a line of just the stream's rate.
 */
function measure(stats: LoaderStats, sizeBytes: number): void {
  const endMs = performance.now();
  stats.loading.start = Math.max(stats.loading.start, endMs - TRANSFER_MS);
  stats.loading.first = stats.loading.start;
  stats.loading.end = endMs;
  stats.loaded = stats.total = sizeBytes;
}
