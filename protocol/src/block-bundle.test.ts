import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBundle, encodeBundle, MAX_RECORD_BYTES } from "./block-bundle.ts";
import { DecodeError } from "./errors.ts";
import { fromHex, toHex } from "./hex.ts";

const GOLDEN = {
  records: ["7b7d", "", "6c697665"],
  hex: [
    "00000002", // 2 bytes follow
    "7b7d", // first record
    "00000000", // second record: empty
    "00000004", // 4 bytes follow
    "6c697665", // third record
  ].join(""),
};

describe("a bundle", () => {
  it("has each record behind its length", () => {
    expect(toHex(encodeBundle(GOLDEN.records.map(fromHex)))).toBe(GOLDEN.hex);
    expect(decodeBundle(fromHex(GOLDEN.hex)).map(toHex)).toEqual(GOLDEN.records);
  });

  it("of nothing is nothing", () => {
    expect(encodeBundle([]).length).toBe(0);
    expect(decodeBundle(new Uint8Array(0))).toEqual([]);
  });

  it("is refused cut anywhere but between records", () => {
    const whole = fromHex(GOLDEN.hex);
    const boundaries = [0, 6, 10];
    for (let length = 0; length < whole.length; length++) {
      if (boundaries.includes(length)) continue;
      expect(() => decodeBundle(whole.slice(0, length)), `${length} bytes`).toThrow(/^truncated/);
    }
  });

  it("is refused for a record above the limit, before it is waited for", () => {
    expect(decodeBundle(encodeBundle([new Uint8Array(MAX_RECORD_BYTES)]))).toHaveLength(1);
    expect(() => decodeBundle(fromHex("00010001"))).toThrow(/^too-long at byte 4/);
    expect(() => decodeBundle(fromHex("ffffffff"))).toThrow(DecodeError);
  });

  it("comes back as it was", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (records) => {
        expect(decodeBundle(encodeBundle(records)).map(toHex)).toEqual(records.map(toHex));
      }),
    );
  });

  it("never fails in another way, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        try {
          decodeBundle(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });

  it("is the one other implementations test against", async () => {
    await expect(`${JSON.stringify(GOLDEN, null, 2)}\n`).toMatchFileSnapshot(
      "../vectors/bundle.json",
    );
  });
});
