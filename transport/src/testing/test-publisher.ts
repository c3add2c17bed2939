import { createHash, generateKeyPairSync, sign } from "node:crypto";
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
  type StreamId,
  sealBlock,
  streamIdBytes,
  streamIdFromKeyHash,
  toHex,
} from "#protocol";

/** A publisher for tests: signs with node:crypto, as the ingest does. */
export class TestPublisher {
  readonly publicKey: Uint8Array;
  readonly streamId: StreamId;
  readonly #privateKey;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    this.#privateKey = privateKey;
    this.publicKey = Uint8Array.from([
      4,
      ...Buffer.from(x, "base64url"),
      ...Buffer.from(y, "base64url"),
    ]);
    this.streamId = streamIdFromKeyHash(createHash("sha256").update(this.publicKey).digest());
  }

  sign(input: Uint8Array): Uint8Array {
    return new Uint8Array(
      sign("sha256", input, { key: this.#privateKey, dsaEncoding: "ieee-p1363" }),
    );
  }

  /** For a tracker client's `signProof`. */
  proof(challenge: string): string {
    return toHex(this.sign(publishSigningInput(streamIdBytes(this.streamId), challenge)));
  }

  descriptor(changes: Partial<StreamDescriptor> = {}): StreamDescriptor {
    return {
      version: 1,
      streamId: this.streamId,
      publicKey: toHex(this.publicKey),
      revision: 1,
      title: "test",
      startedAtMs: 1_000,
      isLive: true,
      chunkMs: 200,
      scheduler: "striped-push",
      overlay: "adaptive",
      origins: [],
      tracks: [
        {
          id: "v0",
          kind: "video",
          codec: "avc1.64001e",
          stripes: 8,
          bitrateBps: 1_000_000,
          initVersion: 0,
          init: "00",
        },
      ],
      ...changes,
    };
  }

  signed(changes: Partial<StreamDescriptor> = {}): SignedDescriptor {
    const body = JSON.stringify(this.descriptor(changes));
    const signature = this.sign(descriptorSigningInput(new TextEncoder().encode(body)));
    return { body, signature: toHex(signature) };
  }

  block(changes: Partial<BlockHeader> = {}, payload: Uint8Array = Uint8Array.of(1, 2, 3)): Block {
    const header: BlockHeader = {
      track: 0,
      sequence: 7,
      index: 0,
      count: 1,
      initVersion: 0,
      isIndependent: true,
      isDiscontinuity: false,
      sourceTimeMs: 10_000,
      durationMs: 200,
      ...changes,
    };
    const unsigned = encodeUnsignedBlock(header, payload);
    return decodeBlock(sealBlock(unsigned, this.sign(blockSigningInput(this.streamId, unsigned))));
  }
}
