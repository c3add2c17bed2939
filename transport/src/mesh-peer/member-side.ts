import type { MeshAction, MeshEvent } from "#mesh";
import type { PeerId, PeerRecord, Signal, SignedPeerRecord, StreamId } from "#protocol";
import type { Crypto256 } from "../crypto/index.ts";
import type { Membership } from "../tracker/index.ts";
import { RecordChecker } from "./record-checker.ts";
import { decodeSignalBody, encodeSignalBody } from "./signal-body.ts";

type MemberSideConfig = {
  crypto: Crypto256;
  streamId: StreamId;
  /** Unix time now, in ms, as the source has it. */
  sourceNowMs: () => number;
  feed: (event: MeshEvent) => void;
  /** These are members, in these roles. */
  onMembers: (records: readonly SignedPeerRecord[]) => void;
  /** A member's negotiation came over a neighbor. */
  onSignal: (from: PeerRecord, signal: Signal, via: PeerId) => void;
};

/** The engine's dealings with signed records: shows ours, checks those of others, and lets
 * negotiation through whose sender is a member. */
export class MemberSide {
  readonly #config: MemberSideConfig;
  readonly #checker: RecordChecker;
  #isMember = false;

  constructor(config: MemberSideConfig) {
    this.#config = config;
    this.#checker = new RecordChecker(config);
  }

  /** Whether neighbors of neighbors can be dialed: we have a record to show. */
  get isMember(): boolean {
    return this.#isMember;
  }

  admit({ key, record }: Membership): void {
    this.#isMember = true;
    this.#checker.setKey(key);
    this.#config.feed({ type: "membership", own: record });
  }

  async check({ from, records }: MeshAction & { type: "verify-records" }): Promise<void> {
    if (!this.#checker.hasKey) return;
    const answers = await Promise.all(records.map((record) => this.#checker.isGenuine(record)));
    const genuine = records.filter((_, index) => answers[index]);
    this.#config.onMembers(genuine);
    this.#config.feed({ type: "records-verified", from, records: genuine });
  }

  async receive({ via, from, body }: MeshAction & { type: "receive-signal" }): Promise<void> {
    if (!(await this.#checker.isGenuine(from))) return;
    const signal = decodeSignalBody(body);
    if (signal !== undefined) this.#config.onSignal(from, signal, via);
  }

  /** @returns False when it cannot go over a neighbor. */
  send(via: PeerId, to: PeerId, signal: Signal): boolean {
    const body = encodeSignalBody(signal);
    if (body === undefined || !this.#isMember) return false;
    this.#config.feed({ type: "signal-out", via, to, body });
    return true;
  }
}
