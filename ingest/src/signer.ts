import { sign } from "node:crypto";
import {
  type Block,
  type BlockHeader,
  blockSigningInput,
  decodeBlock,
  descriptorSigningInput,
  encodeUnsignedBlock,
  publishSigningInput,
  type SignedDescriptor,
  type StreamDescriptor,
  sealBlock,
  streamIdBytes,
  toHex,
} from "#protocol";
import type { PublisherIdentity } from "./identity.ts";

/** Signs what a publisher says. Synchronous: one signature takes tens of microseconds. */
export class Signer {
  readonly #identity: PublisherIdentity;

  constructor(identity: PublisherIdentity) {
    this.#identity = identity;
  }

  /** @throws {RangeError} When a field does not fit the wire. */
  block(header: BlockHeader, payload: Uint8Array): Block {
    const unsigned = encodeUnsignedBlock(header, payload);
    const signature = this.#sign(blockSigningInput(this.#identity.streamId, unsigned));
    return decodeBlock(sealBlock(unsigned, signature));
  }

  descriptor(descriptor: StreamDescriptor): SignedDescriptor {
    const body = JSON.stringify(descriptor);
    const input = descriptorSigningInput(new TextEncoder().encode(body));
    return { body, signature: toHex(this.#sign(input)) };
  }

  /** Proof, for one connection to a tracker, that we hold the key. @param challenge Socket id. */
  publishProof(challenge: string): string {
    const input = publishSigningInput(streamIdBytes(this.#identity.streamId), challenge);
    return toHex(this.#sign(input));
  }

  #sign(input: Uint8Array): Uint8Array {
    const key = { key: this.#identity.privateKey, dsaEncoding: "ieee-p1363" } as const;
    return sign("sha256", input, key);
  }
}
