import { describe, expect, it } from "vitest";
import { readAccessUnit } from "./access-unit.ts";
import { annexBUnits } from "./nal-units.ts";

const unit = (...nals: string[]) =>
  readAccessUnit(
    annexBUnits(Buffer.from(nals.map((nal) => `000001${nal.replaceAll(" ", "")}`).join(""), "hex")),
  );
const SLICE = "41 9a";
const IDR = "65 88";
const BUFFERING_PERIOD = "00 02 aa bb";
const RECOVERY_NOW = "06 01 c4";
const RECOVERY_LATER = "06 01 30";

describe("an access unit", () => {
  it.each([
    ["an IDR picture", [IDR], { isKeyFrame: true, isOpen: false }],
    ["another picture", [SLICE], { isKeyFrame: false, isOpen: false }],
    ["a recovery point", [`06 ${RECOVERY_NOW} 80`, SLICE], { isKeyFrame: true, isOpen: true }],
    [
      "a recovery point behind another message of the same unit",
      [`06 ${BUFFERING_PERIOD} ${RECOVERY_NOW} 80`, SLICE],
      { isKeyFrame: true, isOpen: true },
    ],
    [
      "intra refresh, which is right only some pictures later",
      [`06 ${RECOVERY_LATER} 80`, SLICE],
      { isKeyFrame: false, isOpen: false },
    ],
    ["a message cut short", ["06 ff ff", SLICE], { isKeyFrame: false, isOpen: false }],
  ])("with %s", (_, nals, expected) => {
    expect(unit(...nals)).toMatchObject(expected);
  });

  it("gives its parameter sets to the init segment at a key frame, and keeps them elsewhere", () => {
    const key = unit("09 f0", "67 01", "68 ce", "68 4b", IDR);
    expect(Buffer.from(key?.bytes ?? []).toString("hex")).toBe("000000026588");
    expect(key?.pps.map((set) => set[1])).toEqual([0xce, 0x4b]);
    const other = unit("68 ce", SLICE);
    expect(Buffer.from(other?.bytes ?? []).toString("hex")).toBe("0000000268ce00000002419a");
  });

  it("without a picture is none", () => {
    expect(unit("67 01", "68 ce")).toBeUndefined();
  });
});
