import {
  descriptorSigningInput,
  fromHex,
  parseDescriptor,
  type SignedDescriptor,
  type StreamDescriptor,
  type StreamId,
  streamIdFromKeyHash,
} from "#protocol";
import type { Crypto256 } from "./crypto-256.ts";

/**
 * A descriptor that is what it claims to be: its key hashes to the expected stream id, and that key
 * signed its text.
 * @throws {TypeError} In one line, otherwise.
 */
export async function openDescriptor(
  crypto: Crypto256,
  expected: StreamId,
  signed: SignedDescriptor,
): Promise<StreamDescriptor> {
  const descriptor = parseDescriptor(signed.body);
  const publicKey = fromHex(descriptor.publicKey);
  const ownId = streamIdFromKeyHash(await crypto.sha256(publicKey));
  if (ownId !== expected || descriptor.streamId !== expected) {
    throw new TypeError(`stream descriptor: it is of stream ${ownId}, not of ${expected}`);
  }
  const input = descriptorSigningInput(new TextEncoder().encode(signed.body));
  if (!(await crypto.verifyP256(publicKey, fromHex(signed.signature), input))) {
    throw new TypeError("stream descriptor: the signature is not its publisher's");
  }
  return descriptor;
}
