import { describe, expect, it } from "vitest";
import { type EventMessage, ID3_SCHEME, SCTE35_SCHEME } from "#media";
import { spliceInsert, timeSignal } from "../testing/splice-section.ts";
import { DateRanges } from "./date-ranges.ts";

/** When media time 0 was. */
const BEGAN_MS = Date.UTC(2026, 0, 1);
const dateOf = (mediaTimeMs: number) => BEGAN_MS + mediaTimeMs;

function event(data: Uint8Array, atSec: number, scheme = SCTE35_SCHEME): EventMessage {
  const times = { timescale: 90_000, timeTicks: atSec * 90_000, durationTicks: undefined };
  return { scheme, value: "", id: 0, ...times, data };
}

const hex = (bytes: Buffer) => bytes.toString("hex").toUpperCase();
const out = (sec: number, breakId = 7) =>
  spliceInsert({ ptsTicks: sec * 90_000, breakId, breakTicks: 30 * 90_000 });
const back = (sec: number) => spliceInsert({ ptsTicks: sec * 90_000 });

describe("a break in the program", () => {
  it("is told with its planned length, once, however often the encoder says it", () => {
    const ranges = new DateRanges();
    for (let times = 0; times < 4; times++) ranges.note(event(out(10), 10), dateOf);
    expect(ranges.tags(BEGAN_MS)).toEqual([
      '#EXT-X-DATERANGE:ID="splice-7",START-DATE="2026-01-01T00:00:10.000Z",PLANNED-DURATION=30' +
        `,SCTE35-OUT=0x${hex(out(10))}`,
    ]);
  });

  it("has its real length when the program is back, as a second tag of the same id", () => {
    const ranges = new DateRanges();
    ranges.note(event(out(10), 10), dateOf);
    ranges.note(event(back(38.5), 38.5), dateOf);
    expect(ranges.tags(BEGAN_MS)[1]).toBe(
      '#EXT-X-DATERANGE:ID="splice-7",START-DATE="2026-01-01T00:00:10.000Z",DURATION=28.5' +
        `,SCTE35-IN=0x${hex(back(38.5))}`,
    );
  });

  it("is listed until it is over, and not a millisecond longer", () => {
    const ranges = new DateRanges();
    ranges.note(event(out(10), 10), dateOf);
    expect(ranges.tags(BEGAN_MS + 40_000).length).toBe(1);
    expect(ranges.tags(BEGAN_MS + 40_001)).toEqual([]);
  });

  it("of which there are more than anybody shows pushes out the oldest", () => {
    const ranges = new DateRanges();
    for (let id = 0; id < 300; id++) ranges.note(event(out(10, id), 10), dateOf);
    const tags = ranges.tags(BEGAN_MS);
    expect(tags.length).toBe(256);
    expect(tags[0]).toContain('"splice-44"');
  });
});

it("a time signal is told as a command, and ID3 and garbage not at all", () => {
  const ranges = new DateRanges();
  ranges.note(event(timeSignal(900_000), 10), dateOf);
  ranges.note(event(Buffer.from("ID3"), 10, ID3_SCHEME), dateOf);
  for (let length = 0; length < 20; length++) {
    ranges.note(event(out(10).subarray(0, length), 10), dateOf);
  }
  const section = hex(timeSignal(900_000));
  expect(ranges.tags(BEGAN_MS)).toEqual([
    `#EXT-X-DATERANGE:ID="signal-${section.slice(-8)}",START-DATE="2026-01-01T00:00:10.000Z"` +
      `,SCTE35-CMD=0x${section}`,
  ]);
});
