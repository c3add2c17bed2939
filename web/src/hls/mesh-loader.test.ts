import type { FragmentLoaderContext, HlsConfig, LoaderConfiguration } from "hls.js";
import { describe, expect, it, vi } from "vitest";
import { parseMediaUrl } from "./media-url.ts";
import { type MediaSupply, meshLoader } from "./mesh-loader.ts";
import { OriginFailure } from "./verified-origin.ts";

const part = "https://live.example/streams/abcdefghijklmnopqrstuvwxyz234567/tracks/v0/chunks/7.m4s";
const config = { loadPolicy: { maxLoadTimeMs: 1000 } } as LoaderConfiguration;
const plain = { load: vi.fn(), abort: vi.fn(), destroy: vi.fn() };
const hlsConfig = {
  loader: class {
    load = plain.load;
    abort = plain.abort;
    destroy = plain.destroy;
  },
} as unknown as HlsConfig;

function rig(load: MediaSupply["load"], url = part) {
  const told: [string, unknown?][] = [];
  const Loader = meshLoader({ recognize: parseMediaUrl, load });
  const loader = new Loader(hlsConfig);
  const start = () =>
    loader.load({ url } as FragmentLoaderContext, config, {
      onSuccess: ({ data }) => told.push(["success", data]),
      onProgress: (_stats, _context, data) => told.push(["progress", data]),
      onError: (error) => told.push(["error", error]),
      onTimeout: () => told.push(["timeout"]),
      onAbort: () => told.push(["abort"]),
    });
  return { loader, told, start };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("what hls.js is given", () => {
  it("gets media once, as progress and as the whole, with its size", async () => {
    const { loader, told, start } = rig(async () => new Uint8Array([1, 2, 3]));
    start();
    await settled();
    const { buffer } = new Uint8Array([1, 2, 3]);
    expect(told).toEqual([
      ["progress", buffer],
      ["success", buffer],
    ]);
    expect(loader.stats).toMatchObject({ loaded: 3, total: 3, aborted: false });
  });

  it("does not take the time a chunk took to be made for a slow line", async () => {
    const { loader, start } = rig(async () => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      return new Uint8Array(1000);
    });
    start();
    await vi.waitUntil(() => loader.stats.loading.end > 0);
    const { loading } = loader.stats;
    expect(loading.end - loading.start).toBeLessThanOrEqual(50);
  });

  it("is told the status of what nobody has, so that it tries again", async () => {
    const { told, start } = rig(() => Promise.reject(new OriginFailure("not-found", 404)));
    start();
    await settled();
    expect(told).toEqual([["error", { code: 404, text: "not-found" }]]);
  });

  it("hears of an abort once, and of nothing after it", async () => {
    let given: (bytes: Uint8Array<ArrayBuffer>) => void = () => {};
    let signal: AbortSignal | undefined;
    const { loader, told, start } = rig((_url, aborted) => {
      signal = aborted;
      return new Promise((resolve) => {
        given = resolve;
      });
    });
    start();
    loader.abort();
    loader.abort();
    expect(signal?.aborted).toBe(true);
    given(new Uint8Array(1));
    await settled();
    expect(told).toEqual([["abort"]]);
    expect(loader.stats.aborted).toBe(true);
  });

  it("hears of a time-out after as long as it wanted to wait", async () => {
    vi.useFakeTimers();
    const { told, start } = rig(() => new Promise(() => {}));
    start();
    vi.advanceTimersByTime(999);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([["timeout"]]);
    vi.useRealTimers();
  });

  it("loads what is not of livemesh as it would have", () => {
    const load = vi.fn();
    const { start } = rig(load, "https://cdn.example/segment.m4s");
    start();
    expect(load).not.toHaveBeenCalled();
    expect(plain.load).toHaveBeenCalledOnce();
  });
});
