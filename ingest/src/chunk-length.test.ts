import { expect, it } from "vitest";
import { chunkLength } from "./chunk-length.ts";

function rig(chunkMs: number) {
  const set: number[] = [];
  const log = { info() {}, warn() {}, error() {} };
  const change = chunkLength({
    chunkMs,
    packager: { setChunkMs: (ms: number) => set.push(ms) } as never,
    publisher: { setChunkMs: () => {} } as never,
    log: log as never,
  });
  return { set, change };
}

it.each([
  [200, 400, 400],
  [200, 60, 100],
  [200, 5000, 2000],
  [60, 10, 50],
  [200, undefined, 200],
])(
  "of a stream started with %d ms, %s becomes %d: sequence numbers are for twice the rate",
  (own, wanted, got) => {
    const { set, change } = rig(own);
    change(wanted);
    expect(set).toEqual([got]);
  },
);
