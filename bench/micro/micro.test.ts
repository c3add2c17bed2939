import { describe, expect, it } from "vitest";
import { BlockStore } from "../../mesh/src/block-store.ts";
import { recordTrace, replay, SETTLE_MS } from "./engine-trace.mjs";
import { measureSubject, type SubjectResult, TINY } from "./harness.mjs";
import { SUBJECTS, type SubjectName } from "./subjects.mjs";
import { numeral, tableOf } from "./table.mjs";

describe("every benchmark", () => {
  it.each(Object.keys(SUBJECTS) as SubjectName[])("runs: %s", async (name) => {
    const subject = await SUBJECTS[name]({ loadBlockStore: async () => BlockStore });
    const result = await measureSubject(subject, TINY);
    expect(result.bench).toBe(name);
    expect(result.rows.map((row) => row.name)).toEqual(subject.cases.map((one) => one.name));
    for (const { wallNs } of result.rows) expect(wallNs.median).toBeGreaterThan(0);
    expect(tableOf(result)).toContain(result.title);
  });
});

describe("the viewer whose engine is measured", () => {
  const seconds = 3;

  it("gets the whole stream by push: nothing missed, repaired or from the origin", () => {
    const { settled, recorded } = recordTrace({ hasChildren: false, seconds });
    const stats = recorded.stats();
    expect(stats.bytes.fromPeers - settled.bytes.fromPeers).toBeGreaterThan(seconds * 310_000);
    expect(stats.bytes.fromOrigin).toBe(0);
    expect(stats.bytes.uploaded).toBe(0);
    expect(stats.blocks.repaired).toBe(settled.blocks.repaired);
    expect(stats.chunks.missed).toBe(0);
  });

  it("gives as much as it takes when it has children", () => {
    const { settled, recorded } = recordTrace({ hasChildren: true, seconds });
    const stats = recorded.stats();
    const taken = stats.bytes.fromPeers - settled.bytes.fromPeers;
    const given = stats.bytes.uploaded - settled.bytes.uploaded;
    expect(given / taken).toBeCloseTo(1, 1);
  });

  it("does again what it did, and notices when it does not", () => {
    const trace = recordTrace({ hasChildren: true, seconds });
    replay(trace.settledEngine(), trace.steps);
    const withoutFirst = trace.steps.filter(({ event }) => event.type !== "block-verified");
    expect(() => replay(trace.settledEngine(), withoutFirst)).toThrow("does not repeat itself");
    expect(trace.steps[0]?.nowMs).toBeGreaterThanOrEqual(SETTLE_MS);
  });
});

describe("the table", () => {
  const result: SubjectResult = {
    bench: "codec",
    title: "codec",
    unit: "µs",
    rows: [
      {
        name: "encode",
        bytesEach: 16_384,
        cpuNs: { median: 2000, min: 1500, max: 4000 },
        wallNs: { median: 2500, min: 1500, max: 5000 },
      },
      {
        name: "ping",
        cpuNs: { median: 100, min: 100, max: 100 },
        wallNs: { median: 100, min: 100, max: 100 },
      },
    ],
    figures: [{ name: "per event", value: 1234.5, unit: "ns" }],
  };

  it("shows median, spread and rates, and no column that nothing is in", () => {
    const [, heading, encode, ping, figure] = tableOf(result).split("\n");
    expect(heading?.split(/ {2,}/)).toEqual([
      "",
      "CPU µs",
      "spread",
      "wall µs",
      "per CPU second",
      "MB/s",
    ]);
    expect(encode?.split(/ {2,}/)).toEqual(["encode", "2", "1.5 – 4", "2.5", "500,000", "8,190"]);
    expect(ping?.split(/ {2,}/)).toEqual(["ping", "0.1", "0.1 – 0.1", "0.1", "10,000,000"]);
    expect(figure).toBe("=> per event: 1,230 ns");
  });

  it("says three digits, and nothing of what cannot be said", () => {
    expect([0.12345, 12.345, 1234567, 1 / 0].map(numeral)).toEqual([
      "0.123",
      "12.3",
      "1,230,000",
      "–",
    ]);
  });
});
