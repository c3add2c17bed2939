import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { TsPackager } from "./packager/ts-packager.ts";
import type { Packager, PackagerEvent } from "./packager.ts";
import type { Source, SourceEvent } from "./source.ts";

export type OpenedInput = {
  source: Source;
  packager: Packager;
  pace: (event: PackagerEvent, signal: AbortSignal) => Promise<void> | void;
};

export async function openInput(options: {
  input: string | undefined;
  loop: boolean;
  chunkMs: number;
}): Promise<OpenedInput> {
  const file = options.input ?? new URL("../../ingest/clip/pattern.m2ts", import.meta.url);
  const clip = await readFile(file);
  async function* events(signal: AbortSignal): AsyncGenerator<SourceEvent> {
    const startMs = performance.now();
    const step = 1316;
    for (let round = 0; !signal.aborted; round++) {
      yield { type: "start", description: "temporary clip" };
      for (let at = 0; at < clip.length; at += step) {
        const dueMs = startMs + (round + at / clip.length) * 9600;
        const waitMs = dueMs - performance.now();
        if (waitMs > 5) await pause(waitMs, undefined, { signal }).catch(() => {});
        if (signal.aborted) return;
        yield { type: "bytes", bytes: clip.subarray(at, at + step) };
      }
    }
  }
  return {
    source: { name: "clip", events },
    packager: new TsPackager({ chunkMs: options.chunkMs }),
    pace: () => {},
  };
}
