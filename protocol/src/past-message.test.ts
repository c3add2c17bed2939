import { describe, expect, it } from "vitest";
import { DecodeError } from "./errors.ts";
import { fromHex, toHex } from "./hex.ts";
import { decodePastMessage, encodePastMessage, type PastMessage } from "./past-message.ts";
import { decodePeerMessage } from "./peer-message.ts";

const GOLDEN: [PastMessage, string[]][] = [
  [{ type: "ask-kept" }, ["14"]],
  [
    {
      type: "kept",
      runs: [
        { track: 0, first: 258, last: 513 },
        { track: 1, first: 7, last: 7 },
      ],
    },
    [
      "15", // kept
      "02", // two runs
      "00", // track 0
      "00000102", // from 258
      "00000201", // to 513
      "01", // track 1
      "00000007", // from 7
      "00000007", // to 7
    ],
  ],
  [
    { type: "get-kept", track: 1, sequence: 258 },
    [
      "16", // get-kept
      "01", // track 1
      "00000102", // sequence 258
    ],
  ],
];

describe("messages about the past", () => {
  it.each(GOLDEN)("have these bytes: %j", (message, fields) => {
    const hex = fields.join("");
    expect(toHex(encodePastMessage(message))).toBe(hex);
    expect(decodePastMessage(fromHex(hex))).toEqual(message);
    for (let length = 1; length < hex.length / 2; length++) {
      expect(() => decodePastMessage(fromHex(hex.slice(0, 2 * length)))).toThrow(DecodeError);
    }
    expect(() => decodePastMessage(fromHex(`${hex}00`))).toThrow(DecodeError);
    // Whoever does not speak it skips it.
    expect(() => decodePeerMessage(fromHex(hex))).toThrow(/message type/);
  });

  it.each([
    ["33 runs", "1521"],
    ["a run that ends before it begins", "1501000000000200000001"],
    ["track 8", "160800000001"],
  ])("refuses %s", (_what, hex) => {
    expect(() => decodePastMessage(fromHex(hex))).toThrow(DecodeError);
  });

  it("leaves messages of other kinds alone", () => {
    expect(decodePastMessage(fromHex("02deadbeef"))).toBeUndefined();
    expect(() =>
      encodePastMessage({
        type: "kept",
        runs: Array.from({ length: 33 }, () => ({ track: 0, first: 1, last: 1 })),
      }),
    ).toThrow(RangeError);
  });
});
