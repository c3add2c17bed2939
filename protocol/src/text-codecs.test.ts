import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase32, toBase32 } from "./base32.ts";
import { fromHex, toHex } from "./hex.ts";
import {
  isPeerId,
  isStreamId,
  PEER_ID_BYTES,
  type PeerId,
  peerIdBytes,
  peerIdFromBytes,
  STREAM_ID_BYTES,
  shortPeerId,
  streamIdBytes,
  streamIdFromBytes,
  streamIdFromKeyHash,
} from "./ids.ts";
import { utf8Length } from "./utf8-length.ts";

describe("base32", () => {
  // RFC 4648, section 10, in lower case and without padding.
  it.each([
    ["", ""],
    ["f", "my"],
    ["fo", "mzxq"],
    ["foo", "mzxw6"],
    ["foob", "mzxw6yq"],
    ["fooba", "mzxw6ytb"],
    ["foobar", "mzxw6ytboi"],
  ])('writes "%s" as "%s"', (text, base32) => {
    expect(toBase32(new TextEncoder().encode(text))).toBe(base32);
    expect(new TextDecoder().decode(fromBase32(base32))).toBe(text);
  });

  it.each(["A", "0", "1", "8", "=", " ", "é"])('refuses "%s"', (character) => {
    expect(() => fromBase32(`aaaa${character}`)).toThrow(TypeError);
  });

  it("comes back as it was", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(toHex(fromBase32(toBase32(bytes)))).toBe(toHex(bytes));
      }),
    );
  });
});

describe("hexadecimal", () => {
  it("is written in lower case and read in both", () => {
    expect(toHex(Uint8Array.of(0, 1, 0xab, 0xff))).toBe("0001abff");
    expect([...fromHex("0001ABff")]).toEqual([0, 1, 0xab, 0xff]);
    expect(fromHex("").length).toBe(0);
  });

  it.each(["0", "0g", " 00", "0x00", "00\n"])('refuses "%s"', (text) => {
    expect(() => fromHex(text)).toThrow(TypeError);
  });
});

describe("ids", () => {
  it("of streams and peers have one spelling for their bytes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: STREAM_ID_BYTES, maxLength: STREAM_ID_BYTES }),
        (bytes) => {
          const streamId = streamIdFromBytes(bytes);
          expect(isStreamId(streamId)).toBe(true);
          expect(toHex(streamIdBytes(streamId))).toBe(toHex(bytes));
          const peerId = peerIdFromBytes(bytes.subarray(0, PEER_ID_BYTES));
          expect(isPeerId(peerId)).toBe(true);
          expect(toHex(peerIdBytes(peerId))).toBe(toHex(bytes.subarray(0, PEER_ID_BYTES)));
        },
      ),
    );
  });

  it.each([
    "",
    "a".repeat(31),
    "a".repeat(33),
    "A".repeat(32),
    "1".repeat(32),
    `${"a".repeat(32)}\n`,
  ])("of streams are not %j", (text) => {
    expect(isStreamId(text)).toBe(false);
  });

  it.each(["", "a".repeat(15), "a".repeat(17), "a/../../aaaaaaaa", `${"a".repeat(16)}\n`])(
    "of peers are not %j",
    (text) => {
      expect(isPeerId(text)).toBe(false);
    },
  );

  it("come from as many bytes as they have", () => {
    expect(() => streamIdFromBytes(new Uint8Array(19))).toThrow(TypeError);
    expect(() => peerIdFromBytes(new Uint8Array(11))).toThrow(TypeError);
    expect(() => streamIdFromKeyHash(new Uint8Array(20))).toThrow(TypeError);
  });

  it("of peers have a number: their first two bytes", () => {
    expect(shortPeerId("aaaqeayeaudaocaj" as PeerId)).toBe(0x0001);
    expect(shortPeerId("7777777777777777" as PeerId)).toBe(0xffff);
  });
});

describe("the length of a text in UTF-8", () => {
  it.each(["", "live", "Grüße", "映像", "🎥", "a\ud800b"])("is right for %j", (text) => {
    expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
  });

  it("is right for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });
});
