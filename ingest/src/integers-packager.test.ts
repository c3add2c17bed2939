import { expect, it } from "vitest";
import type { PackagerEvent } from "./packager.ts";
import { IntegersSource, integersRate } from "./sources/integers-source.ts";

/** The first `count` events of the packager behind the source. */
async function firstEvents(
  count: number,
  source = new IntegersSource(),
  chunkMs = 200,
): Promise<PackagerEvent[]> {
  const packager = source.createPackager({ chunkMs });
  const abort = new AbortController();
  const events: PackagerEvent[] = [];
  for await (const event of source.events(abort.signal)) {
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

it("goes at another rate where one is named, and keeps nothing back at the lowest", async () => {
  expect(["10", "25", "9999"].map((rate) => integersRate(`test://integers?rate=${rate}`))).toEqual([
    10, 25, 9999,
  ]);
  for (const rate of ["9", "", "1e3", "10000", "-5"]) {
    expect(integersRate(`test://integers?rate=${rate}`)).toBeUndefined();
  }
  const source = new IntegersSource("test://integers?rate=10", 10);
  const chunks = (await firstEvents(40, source, 50)).slice(1);
  let next = 0;
  for (const event of chunks) {
    if (event.type !== "chunk") throw new Error("only chunks follow");
    const { bytes } = event.chunk;
    expect(bytes.length).toBe(500);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += 4) expect(view.getUint32(at)).toBe(next++);
  }
});
