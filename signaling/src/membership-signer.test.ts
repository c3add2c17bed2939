import { generateKeyPairSync } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { expect, it } from "vitest";
import { decodeSignedRecord, fromHex, memberSigningInput } from "#protocol";
import { MembershipSigner } from "./membership-signer.ts";
import { testPeerId } from "./testing/peer-ids.ts";
import { TestPublisher } from "./testing/test-publisher.ts";

const { streamId } = new TestPublisher();
const peer = { peerId: testPeerId(1), role: "viewer" } as const;

function isGenuine(hex: string, publicKey: string, stream = streamId): boolean {
  const { signature, ...unsigned } = decodeSignedRecord(fromHex(hex));
  const input = memberSigningInput(stream, unsigned);
  return p256.verify(signature, input, fromHex(publicKey), { lowS: false });
}

it("signs who is a member of one swarm for ten minutes", () => {
  const signer = new MembershipSigner();
  const hex = signer.sign(streamId, peer, 1_800_000_000_000.7);
  expect(decodeSignedRecord(fromHex(hex))).toMatchObject({
    ...peer,
    expiresAtMs: 1_800_000_600_000,
  });
  expect(isGenuine(hex, signer.publicKey)).toBe(true);
  expect(isGenuine(hex, signer.publicKey, new TestPublisher().streamId)).toBe(false);
  expect(isGenuine(hex, new MembershipSigner().publicKey)).toBe(false);
});

it("is the same to peers on two trackers that share a key", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const [one, other] = [new MembershipSigner({ privateKey }), new MembershipSigner({ privateKey })];
  expect(isGenuine(one.sign(streamId, peer, 0), other.publicKey)).toBe(true);
});

it.each([
  ["another curve", () => generateKeyPairSync("ec", { namedCurve: "secp384r1" })],
  ["another kind", () => generateKeyPairSync("ed25519")],
])("refuses a key of %s", (_, generate) => {
  const { privateKey } = generate();
  expect(() => new MembershipSigner({ privateKey })).toThrow(
    "membership.privateKey must be an EC key on P-256",
  );
});
