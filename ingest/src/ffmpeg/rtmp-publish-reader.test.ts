import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RtmpPublishReader } from "./rtmp-publish-reader.ts";

const HANDSHAKE = Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1536)]);

const amfText = (text: string) =>
  Buffer.concat([Buffer.of(2, text.length >> 8, text.length & 0xff), Buffer.from(text)]);

/** `publish`, transaction 5, null, the name, `live`. */
const publish = (name: string) =>
  Buffer.concat([
    amfText("publish"),
    Buffer.of(0, 0x40, 0x14, 0, 0, 0, 0, 0, 0),
    Buffer.of(5),
    amfText(name),
    amfText("live"),
  ]);

/** A message on chunk stream 3, cut into chunks. */
function message(type: number, payload: Buffer, chunkSize = 128): Buffer {
  const { length } = payload;
  const header = [
    0x03,
    0,
    0,
    0,
    length >> 16,
    (length >> 8) & 0xff,
    length & 0xff,
    type,
    0,
    0,
    0,
    0,
  ];
  const parts: Buffer[] = [Buffer.from(header)];
  for (let at = 0; at < length; at += chunkSize) {
    if (at > 0) parts.push(Buffer.of(0xc3));
    parts.push(payload.subarray(at, at + chunkSize));
  }
  return Buffer.concat(parts);
}

const connect = message(20, Buffer.concat([amfText("connect"), Buffer.alloc(300, 7)]));

describe("what an encoder publishes", () => {
  const whole = Buffer.concat([HANDSHAKE, connect, message(20, publish("my-key"))]);

  it("is found, however the bytes arrive", () => {
    for (const size of [1, 2, 7, 127, 1536, whole.length]) {
      const reader = new RtmpPublishReader();
      let found: string | undefined;
      for (let at = 0; at < whole.length; at += size) {
        expect(found).toBeUndefined();
        found = reader.push(whole.subarray(at, at + size));
      }
      expect(found).toBe("my-key");
    }
  });

  it("is found across chunks, of another size, and in AMF3", () => {
    const name = "k".repeat(200);
    const sized = message(1, Buffer.of(0, 0, 0, 64));
    const bytes = Buffer.concat([HANDSHAKE, sized, message(20, publish(name), 64)]);
    expect(new RtmpPublishReader().push(bytes)).toBe(name);
    const amf3 = Buffer.concat([Buffer.of(0), publish("three")]);
    expect(new RtmpPublishReader().push(Buffer.concat([HANDSHAKE, message(17, amf3)]))).toBe(
      "three",
    );
  });

  it("is found when headers leave out what is as before", () => {
    const payload = publish("same");
    const again = Buffer.concat([Buffer.of(0x83, 0, 0, 0), payload]);
    const other = message(20, Buffer.concat([payload.fill(0x78, 3, 10)]));
    const bytes = Buffer.concat([HANDSHAKE, other, again.fill("publish", 7, 14)]);
    expect(new RtmpPublishReader().push(bytes)).toBe("same");
  });
});

describe("what no encoder would send", () => {
  it("is no RTMP", () => {
    expect(() => new RtmpPublishReader().push(Buffer.from("GET / HTTP/1.1"))).toThrow(
      "that is no RTMP",
    );
  });

  it("is a giant message, or chunks of nothing", () => {
    const giant = Buffer.of(0x03, 0, 0, 0, 0xff, 0xff, 0xff, 20, 0, 0, 0, 0);
    const open = () => {
      const reader = new RtmpPublishReader();
      reader.push(HANDSHAKE);
      return reader;
    };
    expect(() => open().push(giant)).toThrow(/large messages/);
    expect(() => open().push(Buffer.of(0xc3, 0, 0))).toThrow(/no RTMP an encoder would send/);
    const streams = Buffer.concat(
      Array.from({ length: 40 }, (_, id) => {
        const bytes = message(9, Buffer.alloc(1));
        bytes[0] = 3 + id;
        return bytes;
      }),
    );
    expect(() => open().push(streams)).toThrow(/no RTMP an encoder would send/);
  });

  it("never does more harm than an error, and is not kept", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 }), (pieces) => {
        const reader = new RtmpPublishReader();
        reader.push(HANDSHAKE);
        try {
          for (const piece of pieces) reader.push(piece);
        } catch (error) {
          expect((error as Error).message).toMatch(/RTMP|large messages/);
        }
      }),
      { seed: 3 },
    );
  });
});
