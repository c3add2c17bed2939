import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import {
  descriptorSigningInput,
  fromHex,
  parseDescriptor,
  publishSigningInput,
  type SignedDescriptor,
  type StreamDescriptor,
  streamIdBytes,
  streamIdFromKeyHash,
} from "#protocol";

/** Why a `publish` was not believed. One line, for the publisher's operator. */
export class PublishRefused extends Error {
  override readonly name = "PublishRefused";
}

/**
 * Read a publish message whose sender holds the stream's key: the key hashes to the stream id,
 * signed the descriptor, and signed this very connection's challenge.
 * @param challenge The socket's id.
 * @throws {PublishRefused} Otherwise.
 */
export function openPublish(
  { descriptor: signed, proof }: { descriptor: SignedDescriptor; proof: string },
  challenge: string,
): StreamDescriptor {
  const descriptor = read(signed.body);
  const point = fromHex(descriptor.publicKey);
  const hash = createHash("sha256").update(point).digest();
  if (streamIdFromKeyHash(hash) !== descriptor.streamId) {
    throw new PublishRefused("the key does not belong to the stream id");
  }
  const key = publicKeyFrom(point);
  const body = new TextEncoder().encode(signed.body);
  if (!isSignedBy(key, descriptorSigningInput(body), fromHex(signed.signature))) {
    throw new PublishRefused("the descriptor's signature is wrong");
  }
  const challengeInput = publishSigningInput(streamIdBytes(descriptor.streamId), challenge);
  if (!isSignedBy(key, challengeInput, fromHex(proof))) {
    throw new PublishRefused("the proof does not fit this connection");
  }
  return descriptor;
}

function read(body: string): StreamDescriptor {
  try {
    return parseDescriptor(body);
  } catch (cause) {
    throw new PublishRefused(cause instanceof Error ? cause.message : "not a descriptor", {
      cause,
    });
  }
}

/** @param point Uncompressed, 65 bytes. */
function publicKeyFrom(point: Uint8Array): KeyObject {
  const x = Buffer.from(point.subarray(1, 33)).toString("base64url");
  const y = Buffer.from(point.subarray(33)).toString("base64url");
  try {
    if (point[0] !== 4) throw new TypeError("not an uncompressed point");
    return createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
  } catch (cause) {
    throw new PublishRefused("the public key is no point of P-256", { cause });
  }
}

function isSignedBy(key: KeyObject, input: Uint8Array, signature: Uint8Array): boolean {
  return verify("sha256", input, { key, dsaEncoding: "ieee-p1363" }, signature);
}
