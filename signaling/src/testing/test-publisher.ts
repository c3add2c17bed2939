import { createHash, generateKeyPairSync, sign } from "node:crypto";
import {
  descriptorSigningInput,
  publishSigningInput,
  type SignedDescriptor,
  type StreamDescriptor,
  type StreamId,
  streamIdBytes,
  streamIdFromKeyHash,
  toHex,
} from "#protocol";

/** A publisher's key, and what it signs. */
export class TestPublisher {
  readonly streamId: StreamId;
  readonly publicKey: Uint8Array;
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "prime256v1" });

  constructor() {
    const { x = "", y = "" } = this.#keys.publicKey.export({ format: "jwk" });
    this.publicKey = Uint8Array.from([
      4,
      ...Buffer.from(x, "base64url"),
      ...Buffer.from(y, "base64url"),
    ]);
    this.streamId = streamIdFromKeyHash(createHash("sha256").update(this.publicKey).digest());
  }

  describe(change: Partial<StreamDescriptor> = {}): StreamDescriptor {
    return {
      version: 1,
      streamId: this.streamId,
      publicKey: toHex(this.publicKey),
      revision: 1,
      title: "Test",
      startedAtMs: Date.UTC(2026, 0, 1),
      isLive: true,
      chunkMs: 200,
      scheduler: "striped-push",
      overlay: "adaptive",
      origins: [""],
      tracks: [
        {
          id: "v0",
          kind: "video",
          codec: "avc1.64001e",
          stripes: 8,
          bitrateBps: 1_000_000,
          width: 640,
          height: 360,
          initVersion: 1,
          init: "00",
        },
      ],
      ...change,
    };
  }

  sign(descriptor: StreamDescriptor): SignedDescriptor {
    const body = JSON.stringify(descriptor);
    return { body, signature: this.#sign(descriptorSigningInput(new TextEncoder().encode(body))) };
  }

  proof(socketId: string): string {
    return this.#sign(publishSigningInput(streamIdBytes(this.streamId), socketId));
  }

  /** A whole `publish` message for one connection. */
  publishMessage(socketId: string, change: Partial<StreamDescriptor> = {}) {
    return { descriptor: this.sign(this.describe(change)), proof: this.proof(socketId) };
  }

  #sign(input: Uint8Array): string {
    const key = { key: this.#keys.privateKey, dsaEncoding: "ieee-p1363" } as const;
    return toHex(sign("sha256", input, key));
  }
}
