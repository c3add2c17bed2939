import { describe, expect, it } from "vitest";
import { decodeBlock } from "#protocol";
import { TestPublisher } from "../testing/test-publisher.ts";
import {
  bestCrypto256,
  blockVerifier,
  nobleCrypto256,
  openDescriptor,
  webCrypto256,
} from "./index.ts";

const HALF_ORDER = BigInt("0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8");

const kinds = [
  { kind: "WebCrypto", make: async () => webCrypto256() },
  { kind: "noble", make: nobleCrypto256 },
];

describe.each(kinds)("$kind", ({ make }) => {
  const publisher = new TestPublisher();

  it("accepts what node:crypto signed, with a high s as well as with a low one", async () => {
    const crypto = await make();
    const seen = new Set<boolean>();
    for (let i = 0; seen.size < 2 && i < 100; i++) {
      const input = Uint8Array.of(i);
      const signature = publisher.sign(input);
      seen.add(BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`) > HALF_ORDER);
      expect(await crypto.verifyP256(publisher.publicKey, signature, input)).toBe(true);
    }
    expect(seen.size).toBe(2);
  });

  it("refuses a changed input, a changed signature and another key", async () => {
    const crypto = await make();
    const input = Uint8Array.of(1, 2, 3);
    const signature = publisher.sign(input);
    const { publicKey } = publisher;
    const changed = signature.with(10, (signature[10] ?? 0) ^ 1);
    expect(await crypto.verifyP256(publicKey, signature, Uint8Array.of(1, 2, 4))).toBe(false);
    expect(await crypto.verifyP256(publicKey, changed, input)).toBe(false);
    const stranger = new TestPublisher();
    expect(await crypto.verifyP256(stranger.publicKey, signature, input)).toBe(false);
  });

  it("answers false, not with an error, to keys and signatures that are none", async () => {
    const crypto = await make();
    const input = Uint8Array.of(1);
    const signature = publisher.sign(input);
    const offCurve = publisher.publicKey.with(64, (publisher.publicKey[64] ?? 0) ^ 1);
    for (const key of [new Uint8Array(0), new Uint8Array(65), offCurve]) {
      expect(await crypto.verifyP256(key, signature, input)).toBe(false);
    }
    for (const bad of [new Uint8Array(0), new Uint8Array(64), new Uint8Array(64).fill(255)]) {
      expect(await crypto.verifyP256(publisher.publicKey, bad, input)).toBe(false);
    }
  });

  it("hashes with SHA-256", async () => {
    const crypto = await make();
    const hash = await crypto.sha256(new TextEncoder().encode("abc"));
    expect(Buffer.from(hash).toString("hex")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  it("verifies a burst of blocks in any order of answers", async () => {
    const crypto = await make();
    const verifier = blockVerifier(crypto, publisher.descriptor());
    const blocks = Array.from({ length: 12 }, (_, sequence) => publisher.block({ sequence }));
    const answers = await Promise.all(blocks.map((block) => verifier.verify(block)));
    expect(answers).toEqual(new Array(12).fill(true));
  });

  it("refuses a block with any byte changed, and a block of another stream", async () => {
    const crypto = await make();
    const verifier = blockVerifier(crypto, publisher.descriptor());
    const { bytes } = publisher.block();
    // Byte 0 is the track, 22 the first of the payload, 25 of the signature; all of these decode.
    for (const at of [0, 11, 22, 24, 25, bytes.length - 1]) {
      const changed = decodeBlock(bytes.with(at, (bytes[at] ?? 0) ^ 1));
      expect(await verifier.verify(changed), `byte ${at}`).toBe(false);
    }
    expect(await verifier.verify(new TestPublisher().block())).toBe(false);
  });

  it("opens a descriptor that is what it claims to be", async () => {
    const crypto = await make();
    const signed = publisher.signed({ title: "Grüße 🎥" });
    const opened = await openDescriptor(crypto, publisher.streamId, signed);
    expect(opened).toEqual(publisher.descriptor({ title: "Grüße 🎥" }));
  });

  it("does not open a descriptor of another stream, altered, or signed by another key", async () => {
    const crypto = await make();
    const { streamId } = publisher;
    const stranger = new TestPublisher();
    await expect(openDescriptor(crypto, streamId, stranger.signed())).rejects.toThrow("not of");
    // The stranger's key under our stream's id.
    await expect(openDescriptor(crypto, streamId, stranger.signed({ streamId }))).rejects.toThrow(
      "not of",
    );
    // Our key, but the stranger's signature.
    const { publicKey } = publisher.descriptor();
    await expect(
      openDescriptor(crypto, streamId, stranger.signed({ streamId, publicKey })),
    ).rejects.toThrow("not its publisher's");
    const signed = publisher.signed();
    await expect(
      openDescriptor(crypto, streamId, { ...signed, body: `${signed.body} ` }),
    ).rejects.toThrow("not its publisher's");
    await expect(openDescriptor(crypto, streamId, { ...signed, body: "no" })).rejects.toThrow(
      TypeError,
    );
  });
});

it("takes WebCrypto where it exists", async () => {
  const crypto = await bestCrypto256();
  expect(await crypto.sha256(new Uint8Array(0))).toHaveLength(32);
});
