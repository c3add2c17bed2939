import {
  memberSigningInput,
  type PeerRecord,
  type SignedPeerRecord,
  type StreamId,
} from "#protocol";
import type { Membership } from "../tracker/index.ts";
import { TestPublisher } from "./test-publisher.ts";

/** A tracker's key, and the members of one stream it signed. */
export class TestMembers {
  readonly #keys = new TestPublisher();
  readonly #streamId: StreamId;

  constructor(streamId: StreamId) {
    this.#streamId = streamId;
  }

  get key(): Uint8Array {
    return this.#keys.publicKey;
  }

  /** @param expiresAtMs Unix time; by default beyond any test's. */
  record({ peerId, role }: PeerRecord, expiresAtMs = 2_000_000_000_000): SignedPeerRecord {
    const unsigned = { peerId, role, expiresAtMs };
    const signature = this.#keys.sign(memberSigningInput(this.#streamId, unsigned));
    return { ...unsigned, signature };
  }

  membership(peer: PeerRecord): Membership {
    return { key: this.key, record: this.record(peer) };
  }
}
