import {
  encodeSignedRecord,
  memberSigningInput,
  type SignedPeerRecord,
  type StreamId,
  toHex,
} from "#protocol";
import type { Crypto256 } from "../crypto/index.ts";

/** Answers remembered: negotiation shows the same record with every candidate. */
const REMEMBERED_MAX = 128;
/** Checks at a time, beyond which records are taken for forged: the engine bounds what each
 * neighbor can ask for, this all of them together. */
const RUNNING_MAX = 64;

type RecordCheckerConfig = {
  crypto: Crypto256;
  streamId: StreamId;
  /** Unix time now, in ms, as the source has it. */
  sourceNowMs: () => number;
};

/** Checks records of other peers: signed by our tracker, for this stream, and not expired. */
export class RecordChecker {
  readonly #config: RecordCheckerConfig;
  readonly #remembered = new Map<string, Promise<boolean>>();
  #key: Uint8Array | undefined;
  #runningCount = 0;

  constructor(config: RecordCheckerConfig) {
    this.#config = config;
  }

  /** Without a key, nothing is genuine. */
  get hasKey(): boolean {
    return this.#key !== undefined;
  }

  /** The tracker's; a restarted one may have another. */
  setKey(key: Uint8Array): void {
    if (this.#key !== undefined && toHex(this.#key) === toHex(key)) return;
    this.#key = key;
    this.#remembered.clear();
  }

  /** Questions about one record are answered in the order they were asked in. */
  async isGenuine(record: SignedPeerRecord): Promise<boolean> {
    if (record.expiresAtMs <= this.#config.sourceNowMs()) return false;
    return this.#isSigned(record);
  }

  #isSigned(record: SignedPeerRecord): Promise<boolean> {
    const name = toHex(encodeSignedRecord(record));
    const known = this.#remembered.get(name);
    if (known !== undefined) return known;
    if (this.#key === undefined || this.#runningCount >= RUNNING_MAX) return NOT_GENUINE;
    const answer = this.#verify(record, this.#key);
    this.#remembered.set(name, answer);
    const oldest = this.#remembered.keys().next();
    if (this.#remembered.size > REMEMBERED_MAX && !oldest.done) {
      this.#remembered.delete(oldest.value);
    }
    return answer;
  }

  async #verify(record: SignedPeerRecord, key: Uint8Array): Promise<boolean> {
    const { crypto, streamId } = this.#config;
    this.#runningCount++;
    const input = memberSigningInput(streamId, record);
    const isSigned = await crypto.verifyP256(key, record.signature, input);
    this.#runningCount--;
    return isSigned;
  }
}

const NOT_GENUINE = Promise.resolve(false);
