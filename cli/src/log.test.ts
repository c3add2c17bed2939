import { describe, expect, it } from "vitest";
import { createLog, forPeople } from "./log.ts";

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

describe("createLog", () => {
  it("shows nothing before the start has succeeded, and then everything in order", () => {
    const written: string[] = [];
    const output = { isTTY: true, write: (text: string) => written.push(text.slice(9)) > 0 };
    const { log, release } = createLog("info", output as unknown as NodeJS.WriteStream);
    log.info("first");
    log.debug("too fine");
    expect(written).toEqual([]);
    release();
    log.warn({ port: 1 }, "second");
    expect(written).toEqual(["info  first\n", "warn  second  port=1\n"]);
  });
});
