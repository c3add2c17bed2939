import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDescriptor, signedDescriptorSchema } from "./descriptor.ts";
import { WIRE_LIMITS } from "./limits.ts";
import { decodePeerMessage, encodePeerMessage } from "./peer-message.ts";

const GOLDEN_BODY: string = JSON.parse(
  readFileSync(new URL("../vectors/signatures.json", import.meta.url), "utf8"),
).descriptor.body;

const TRACK = {
  id: "v0",
  kind: "video",
  codec: "avc1.64001e",
  stripes: 8,
  bitrateBps: 1_000_000,
  width: 640,
  height: 360,
  initVersion: 0,
  init: "00000008",
};

function body(change: Record<string, unknown> = {}): string {
  return JSON.stringify({ ...JSON.parse(GOLDEN_BODY), tracks: [TRACK], ...change });
}

function withTrack(change: Record<string, unknown>): string {
  return body({ tracks: [{ ...TRACK, ...change }] });
}

describe("reading a stream descriptor", () => {
  it("gives what was written", () => {
    const descriptor = parseDescriptor(body());
    expect(descriptor).toEqual(JSON.parse(body()));
    expect(descriptor.title).toBe("Grüße 🎥");
  });

  it("leaves out fields of a later minor version", () => {
    expect(parseDescriptor(body({ mood: "cheerful" }))).not.toHaveProperty("mood");
  });

  it.each([
    ["no JSON", "{", "JSON"],
    ["no object", "[]", "value"],
    ["another version", body({ version: 2 }), "version"],
    ["a stream id in capitals", body({ streamId: "A".repeat(32) }), "streamId"],
    ["a short key", body({ publicKey: "04".repeat(64) }), "publicKey"],
    ["a revision of 33 bits", body({ revision: 2 ** 32 }), "revision"],
    ["half a revision", body({ revision: 1.5 }), "revision"],
    ["a title of 201 characters", body({ title: "x".repeat(201) }), "title"],
    ["a start before 1970", body({ startedAtMs: -1 }), "startedAtMs"],
    ["a maybe", body({ isLive: 1 }), "isLive"],
    ["chunks of 19 ms", body({ chunkMs: 19 }), "chunkMs"],
    ["chunks above 10 s", body({ chunkMs: WIRE_LIMITS.chunkMs + 1 }), "chunkMs"],
    ["5 origins", body({ origins: ["", "", "", "", ""] }), "origins"],
    ["9 tracks", body({ tracks: new Array(9).fill(TRACK) }), "tracks"],
    ["a track id that is a path", withTrack({ id: "../v0" }), "tracks.0.id"],
    ["a track of text", withTrack({ kind: "text" }), "tracks.0.kind"],
    ["a codec with a quote", withTrack({ codec: 'avc1"' }), "tracks.0.codec"],
    ["no stripes", withTrack({ stripes: 0 }), "tracks.0.stripes"],
    ["17 stripes", withTrack({ stripes: 17 }), "tracks.0.stripes"],
    ["a huge picture", withTrack({ width: 16_385 }), "tracks.0.width"],
    ["half a byte of init segment", withTrack({ init: "000" }), "tracks.0.init"],
    ["an init segment above 4 KiB", withTrack({ init: "00".repeat(4097) }), "tracks.0.init"],
  ])("refuses %s and names the field", (_, text, field) => {
    expect(() => parseDescriptor(text)).toThrow(TypeError);
    expect(() => parseDescriptor(text)).toThrow(field);
    expect(() => parseDescriptor(text)).not.toThrow(/\n/);
  });

  it("fails in no other way, whatever the JSON", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(() => parseDescriptor(text)).toThrow(TypeError);
      }),
    );
  });
});

describe("a signed descriptor", () => {
  const signature = "00".repeat(64);
  const isAccepted = (candidate: unknown) => signedDescriptorSchema.safeParse(candidate).success;

  it("has a text and a signature of 64 bytes in lower-case hexadecimal", () => {
    expect(isAccepted({ body: "{}", signature })).toBe(true);
    expect(isAccepted({ body: "{}", signature: signature.slice(2) })).toBe(false);
    expect(isAccepted({ body: "{}", signature: "AA".repeat(64) })).toBe(false);
    expect(isAccepted({ body: 7, signature })).toBe(false);
    expect(isAccepted({ signature })).toBe(false);
  });

  // The limit once counted UTF-16 units: a text of three-byte characters passed it and then did
  // not fit the message that relays it.
  it.each(["x", "ü", "映", "🎥"])("counts its limit in bytes of UTF-8 (%s)", (character) => {
    const bytes = new TextEncoder().encode(character).length;
    const fitting = character.repeat(WIRE_LIMITS.descriptorBytes / bytes);
    expect(isAccepted({ body: fitting, signature })).toBe(true);
    expect(isAccepted({ body: `${fitting}x`, signature })).toBe(false);
  });

  it("of the largest size fits one message between peers", () => {
    const message = {
      type: "descriptor",
      signature: new Uint8Array(64),
      body: new Uint8Array(WIRE_LIMITS.descriptorBytes),
    } as const;
    expect(decodePeerMessage(encodePeerMessage(message))).toEqual(message);
  });
});
