import { readFile } from "node:fs/promises";
import { TsPackager } from "./packager/ts-packager.ts";
import type { Packager } from "./packager.ts";
import type { Source, SourceEvent } from "./source.ts";

export type OpenedInput = {
  source: Source;
  packager: Packager;
};

export async function openInput(options: {
  input: string | undefined;
  loop: boolean;
  chunkMs: number;
}): Promise<OpenedInput> {
  const file = options.input ?? new URL("../../ingest/clip/pattern.m2ts", import.meta.url);
  const clip = await readFile(file);
  async function* events(signal: AbortSignal): AsyncGenerator<SourceEvent> {
    const step = 1316;
    while (!signal.aborted) {
      yield { type: "start", description: "temporary clip" };
      for (let at = 0; at < clip.length; at += step) {
        yield { type: "bytes", bytes: clip.subarray(at, at + step) };
      }
    }
  }
  return {
    source: { name: "clip", aheadMs: 0, events },
    packager: new TsPackager({ chunkMs: options.chunkMs }),
  };
}
