import { describe, expect, it } from "vitest";
import { parseReport } from "./peer-report.ts";

const LINE = {
  uptimeMs: 5000,
  bytes: { fromPeers: 6, fromSeeder: 3, fromOrigin: 1, uploaded: 5, duplicate: 2, control: 9 },
  neighbors: 4,
  chunks: { delivered: 20, missed: 2 },
  latencyMs: null,
  integers: null,
};

describe("a line of a peer's statistics", () => {
  it("gives its figures, and nothing it has too much", () => {
    expect(parseReport(JSON.stringify(LINE))).toEqual({
      figures: {
        fromPeers: 6,
        fromSeeder: 3,
        fromOrigin: 1,
        uploaded: 5,
        gaps: 2,
        leftOutAtStart: 0,
      },
      neighbors: 4,
      latencyMs: undefined,
    });
  });

  it("of test://integers is judged by what its check says", () => {
    const integers = {
      chunks: 20,
      integers: 900,
      gaps: 0,
      disorder: 3,
      wrong: 1,
      leftOutAtStart: 2,
    };
    const report = parseReport(JSON.stringify({ ...LINE, latencyMs: 250, integers }));
    expect(report).toMatchObject({ figures: { gaps: 4, leftOutAtStart: 2 }, latencyMs: 250 });
  });

  it.each(["", "nonsense", "null", "{}", "[]", JSON.stringify({ ...LINE, neighbors: -1 })])(
    "is no report: %s",
    (line) => {
      expect(parseReport(line)).toBeUndefined();
    },
  );
});
