import { describe, expect, it } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

describe("lines", () => {
  it("come whole, however they were cut", () => {
    const text = "first\n\nthird, longer\nrest";
    for (let cut = 0; cut <= text.length; cut++) {
      const lines = new LineSplitter();
      const got = [...lines.push(text.slice(0, cut)), ...lines.push(text.slice(cut))];
      expect(got).toEqual(["first", "", "third, longer"]);
    }
  });

  it("without end are thrown away up to their end, and kept nowhere", () => {
    const lines = new LineSplitter();
    for (let i = 0; i < 100; i++) expect(lines.push("x".repeat(10_000))).toEqual([]);
    expect(lines.push("tail\nnext\n")).toEqual(["next"]);
    expect(lines.push(`${"y".repeat(100_000)}\nshort\n`)).toEqual(["short"]);
  });
});
