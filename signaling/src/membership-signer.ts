import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  encodeSignedRecord,
  memberSigningInput,
  type PeerRecord,
  type StreamId,
  toHex,
} from "#protocol";

export type MembershipOptions = {
  /** ECDSA P-256. Trackers that share a swarm share it. Default: a new one for each start, after
   * which peers announce again anyway. */
  privateKey?: KeyObject;
  /**
   * How long a record is good, in ms. A swarm admits and heals for at least half of it without the
   * tracker, and a peer that left can be named as long. Default 600,000: a guess at how long a
   * tracker's restart takes somebody.
   */
  lifeMs?: number;
};

/** Signs who is a member of which swarm, for peers to show each other. */
export class MembershipSigner {
  /** Uncompressed point, in hexadecimal. */
  readonly publicKey: string;
  readonly #privateKey: KeyObject;
  readonly #lifeMs: number;

  constructor({ privateKey, lifeMs = 600_000 }: MembershipOptions = {}) {
    this.#privateKey =
      privateKey ?? generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
    this.#lifeMs = lifeMs;
    const { crv, x = "", y = "" } = createPublicKey(this.#privateKey).export({ format: "jwk" });
    if (crv !== "P-256") {
      throw new TypeError(`membership.privateKey must be an EC key on P-256, got ${crv}`);
    }
    this.publicKey = toHex(
      Uint8Array.of(4, ...Buffer.from(x, "base64url"), ...Buffer.from(y, "base64url")),
    );
  }

  /** @param wallClockMs Unix time now. @returns The encoded record, in hexadecimal. */
  sign(streamId: StreamId, { peerId, role }: PeerRecord, wallClockMs: number): string {
    const unsigned = { peerId, role, expiresAtMs: Math.floor(wallClockMs) + this.#lifeMs };
    const signature = sign("sha256", memberSigningInput(streamId, unsigned), {
      key: this.#privateKey,
      dsaEncoding: "ieee-p1363",
    });
    return toHex(encodeSignedRecord({ ...unsigned, signature: new Uint8Array(signature) }));
  }
}
