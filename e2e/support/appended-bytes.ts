import { expect } from "@playwright/test";
import type { Viewer } from "./viewer.ts";

/** One `moof` + `mdat` that a page handed to MediaSource. */
export type AppendedChunk = { kind: "video" | "audio"; sha256: string };

/**
 * Page script: keep a hash of every chunk that reaches MediaSource, whatever the player calls it.
 */
export function recordAppends(): void {
  const recorded: AppendedChunk[] = [];
  Object.assign(globalThis, { recordedAppends: recorded });
  const kinds = new WeakMap<SourceBuffer, "video" | "audio">();

  const addSourceBuffer = MediaSource.prototype.addSourceBuffer;
  MediaSource.prototype.addSourceBuffer = function (type) {
    const buffer = addSourceBuffer.call(this, type);
    kinds.set(buffer, type.startsWith("video") ? "video" : "audio");
    return buffer;
  };

  const appendBuffer = SourceBuffer.prototype.appendBuffer;
  SourceBuffer.prototype.appendBuffer = function (source) {
    const bytes = ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source);
    record(kinds.get(this) ?? "video", bytes.slice());
    appendBuffer.call(this, source);
  };

  /** `moof` begins a chunk, `mdat` ends it; several may come in one append. */
  function record(kind: "video" | "audio", bytes: Uint8Array<ArrayBuffer>): void {
    const view = new DataView(bytes.buffer);
    let start = -1;
    for (let at = 0; at + 8 <= bytes.length; ) {
      const size = view.getUint32(at);
      const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
      if (type === "moof") start = at;
      if (type === "mdat" && start >= 0) {
        void keep(kind, bytes.subarray(start, at + size));
        start = -1;
      }
      at += Math.max(size, 8);
    }
  }

  async function keep(kind: "video" | "audio", chunk: Uint8Array<ArrayBuffer>) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", chunk));
    const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    recorded.push({ kind, sha256 });
  }
}

function appendedChunks(viewer: Viewer): Promise<AppendedChunk[]> {
  return viewer.page.evaluate(
    () => (globalThis as unknown as { recordedAppends: AppendedChunk[] }).recordedAppends,
  );
}

/** Hashes of what is appended from now on, once there are `count` of each kind. */
export async function newlyAppended(viewer: Viewer, count: number): Promise<string[]> {
  const before = (await appendedChunks(viewer)).length;
  let fresh: AppendedChunk[] = [];
  await expect
    .poll(async () => {
      fresh = (await appendedChunks(viewer)).slice(before);
      const videos = fresh.filter(({ kind }) => kind === "video").length;
      return Math.min(videos, fresh.length - videos);
    })
    .toBeGreaterThanOrEqual(count);
  return fresh.map(({ sha256 }) => sha256);
}
