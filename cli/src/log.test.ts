import { describe, expect, it } from "vitest";
import { forPeople } from "./log.ts";

const time = new Date(2026, 0, 1, 12, 34, 56).getTime();

describe("forPeople", () => {
  it("puts time, level, message and fields in one line", () => {
    const line = JSON.stringify({
      level: 30,
      time,
      msg: "encoder connected",
      from: "127.0.0.1:5",
      n: 3,
      title: "Town hall",
    });
    expect(forPeople(line)).toBe(
      '12:34:56 info  encoder connected  from=127.0.0.1:5  n=3  title="Town hall"\n',
    );
  });

  it("shows where an unexpected error came from", () => {
    const err = { message: "boom", stack: "Error: boom\n    at here" };
    expect(forPeople(JSON.stringify({ level: 50, time, msg: "failed", err }))).toContain("at here");
  });
});
