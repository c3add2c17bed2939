import { expect, it } from "vitest";
import { createIntegersPackager } from "./integers-packager.ts";
import type { PackagerEvent } from "./packager.ts";
import { IntegersSource } from "./sources/integers-source.ts";

/** The first `count` events of the packager behind the source. */
async function firstEvents(count: number): Promise<PackagerEvent[]> {
  const packager = createIntegersPackager({ chunkMs: 200 });
  const abort = new AbortController();
  const events: PackagerEvent[] = [];
  for await (const event of new IntegersSource().events(abort.signal)) {
    if (event.type === "bytes") events.push(...packager.push(event.bytes, 5));
    if (events.length >= count) abort.abort();
  }
  return events;
}

it("carries consecutive integers in chunks of two blocks, after a track that says so", async () => {
  const [track, ...chunks] = await firstEvents(6);
  expect(track).toMatchObject({ type: "track", track: { kind: "video", codec: "integers" } });
  let next = 0;
  for (const [index, event] of chunks.entries()) {
    if (event.type !== "chunk") throw new Error("only chunks follow");
    const { bytes, ...chunk } = event.chunk;
    expect(chunk).toMatchObject({ sequence: index, mediaTimeMs: index * 200, isIndependent: true });
    expect(bytes.length).toBe(20_000);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += 4) expect(view.getUint32(at)).toBe(next++);
  }
});
