import { createHash, createPublicKey, verify } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { describe, expect, it } from "vitest";
import {
  blockSigningInput,
  decodeBlock,
  encodeUnsignedBlock,
  sealBlock,
  signaturePart,
  unsignedPart,
} from "./block.ts";
import { descriptorSigningInput } from "./descriptor.ts";
import { fromHex, toHex } from "./hex.ts";
import { type PeerId, streamIdBytes, streamIdFromKeyHash } from "./ids.ts";
import { decodeSignedRecord, encodeSignedRecord, memberSigningInput } from "./peer-record.ts";
import { publishSigningInput } from "./tracker-message.ts";

// The key whose bytes count from 1 to 32: for vectors only. Signatures are made by RFC 6979, so
// that they can be repeated; a publisher may sign with random nonces.
const PRIVATE_KEY = fromHex("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
const PUBLIC_KEY = p256.getPublicKey(PRIVATE_KEY, false);
const STREAM_ID = streamIdFromKeyHash(sha256(PUBLIC_KEY));

const HEADER = {
  track: 0,
  sequence: 258,
  index: 1,
  count: 3,
  initVersion: 0,
  isIndependent: true,
  isDiscontinuity: false,
  sourceTimeMs: 1_800_000_000_000,
  durationMs: 200,
};
const PAYLOAD = fromHex("6c697665");
const CHALLENGE = "Zq3vT0kCWc8pXyAAAAB1";
const DESCRIPTOR_BODY = JSON.stringify({
  version: 1,
  streamId: STREAM_ID,
  publicKey: toHex(PUBLIC_KEY),
  revision: 1_800_000_000,
  title: "Grüße 🎥",
  startedAtMs: 1_800_000_000_000,
  isLive: true,
  chunkMs: 200,
  scheduler: "striped-push",
  overlay: "adaptive",
  origins: [""],
  tracks: [],
});

const MEMBER = {
  peerId: "aaaqeayeaudaocaj" as PeerId,
  role: "seeder",
  expiresAtMs: 1_800_000_000_000,
} as const;

const VECTORS = {
  privateKey: toHex(PRIVATE_KEY),
  publicKey: toHex(PUBLIC_KEY),
  streamId: STREAM_ID,
  block: signedBlock(),
  descriptor: signed(descriptorSigningInput(new TextEncoder().encode(DESCRIPTOR_BODY)), {
    body: DESCRIPTOR_BODY,
  }),
  publish: signed(publishSigningInput(streamIdBytes(STREAM_ID), CHALLENGE), {
    challenge: CHALLENGE,
  }),
  member: signedMember(),
};

describe("the golden signatures", () => {
  it("name the stream by the first 20 bytes of the key's SHA-256", () => {
    expect(toHex(streamIdBytes(STREAM_ID))).toBe(toHex(sha256(PUBLIC_KEY).subarray(0, 20)));
    expect(STREAM_ID).toBe("ijuyrfbr4mjrszx4v5vek4kbsq7nfq23");
  });

  it("sign a block together with its stream and its purpose", () => {
    expect(VECTORS.block.signingInput).toBe(
      [
        "6c6976656d6573682f626c6f636b2f3100", // "livemesh/block/1" and a zero
        "4269889431e3131966fcaf6a457141943ed2c35b", // stream id
        "00", // track 0
        "01", // flags: independent
        "0001", // index 1
        "0003", // of 3 blocks
        "0000", // init version 0
        "00000102", // sequence 258
        "01a3185c5000", // source time 1,800,000,000,000 ms
        "00c8", // duration 200 ms
        "0004", // payload of 4 bytes
        "6c697665", // payload "live"
      ].join(""),
    );
  });

  it("sign a descriptor's text as it is", () => {
    expect(VECTORS.descriptor.signingInput).toBe(
      [
        "6c6976656d6573682f64657363726970746f722f3100", // "livemesh/descriptor/1" and a zero
        toHex(new TextEncoder().encode(DESCRIPTOR_BODY)), // JSON text in UTF-8
      ].join(""),
    );
  });

  it("prove the key to one tracker on one connection", () => {
    expect(VECTORS.publish.signingInput).toBe(
      [
        "6c6976656d6573682f7075626c6973682f3100", // "livemesh/publish/1" and a zero
        "4269889431e3131966fcaf6a457141943ed2c35b", // stream id
        "5a71337654306b43576338705879414141414231", // socket id in ASCII
      ].join(""),
    );
  });

  it("make a member of one swarm, in one role, until one moment", () => {
    expect(VECTORS.member.signingInput).toBe(
      [
        "6c6976656d6573682f6d656d6265722f3100", // "livemesh/member/1" and a zero
        "4269889431e3131966fcaf6a457141943ed2c35b", // stream id
        "00010203040506070809", // peer id
        "01", // role: seeder
        "01a3185c5000", // expires at 1,800,000,000,000 ms
      ].join(""),
    );
    const signature = fromHex(VECTORS.member.signature);
    expect(decodeSignedRecord(fromHex(VECTORS.member.hex))).toEqual({ ...MEMBER, signature });
  });

  it.each(["block", "descriptor", "publish", "member"] as const)(
    "of a %s are ones OpenSSL accepts",
    (of) => {
      const { signingInput, signature } = VECTORS[of];
      const key = createPublicKey({
        format: "jwk",
        key: {
          kty: "EC",
          crv: "P-256",
          x: Buffer.from(PUBLIC_KEY.subarray(1, 33)).toString("base64url"),
          y: Buffer.from(PUBLIC_KEY.subarray(33)).toString("base64url"),
        },
      });
      const p1363 = { key, dsaEncoding: "ieee-p1363" } as const;
      expect(verify("sha256", fromHex(signingInput), p1363, fromHex(signature))).toBe(true);
    },
  );

  it("are the ones other implementations test against", async () => {
    await expect(`${JSON.stringify(VECTORS, null, 2)}\n`).toMatchFileSnapshot(
      "../vectors/signatures.json",
    );
  });
});

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

function signed<T>(signingInput: Uint8Array, what: T) {
  return {
    ...what,
    signingInput: toHex(signingInput),
    signature: toHex(p256.sign(signingInput, PRIVATE_KEY)),
  };
}

function signedMember() {
  const input = memberSigningInput(STREAM_ID, MEMBER);
  const signature = p256.sign(input, PRIVATE_KEY);
  const hex = toHex(encodeSignedRecord({ ...MEMBER, signature }));
  return { record: MEMBER, signingInput: toHex(input), signature: toHex(signature), hex };
}

function signedBlock() {
  const unsigned = encodeUnsignedBlock(HEADER, PAYLOAD);
  const signature = p256.sign(blockSigningInput(STREAM_ID, unsigned), PRIVATE_KEY);
  const block = decodeBlock(sealBlock(unsigned, signature));
  return {
    header: HEADER,
    payload: toHex(PAYLOAD),
    signingInput: toHex(blockSigningInput(STREAM_ID, unsignedPart(block))),
    signature: toHex(signaturePart(block)),
    hex: toHex(block.bytes),
  };
}
