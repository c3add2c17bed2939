import type { BlockSender } from "#mesh";
import type { Block } from "#protocol";
import type { BlockVerifier } from "../crypto/index.ts";

/**
 * Signature checks waiting for one neighbor. The engine stops asking at 128; this is the second
 * lock against a flood of bad signatures.
 */
const WAITING_MAX = 256;
/** Checks at a time per sender: keeps the platform's threads busy, and a flood of one sender from
 * delaying the blocks of all others. */
const RUNNING_MAX = 8;

type Sender = { waiting: Block[]; running: number };

/** Checks signatures, senders side by side; every block put in comes out once. */
export class VerifyQueue {
  readonly #verifier: BlockVerifier;
  readonly #onResult: (from: BlockSender, block: Block, isValid: boolean) => void;
  readonly #senders = new Map<BlockSender, Sender>();

  constructor(
    verifier: BlockVerifier,
    onResult: (from: BlockSender, block: Block, isValid: boolean) => void,
  ) {
    this.#verifier = verifier;
    this.#onResult = onResult;
  }

  add(from: BlockSender, block: Block): void {
    let sender = this.#senders.get(from);
    if (sender === undefined) {
      sender = { waiting: [], running: 0 };
      this.#senders.set(from, sender);
    }
    // The origin is not a stranger that chooses how much we take: its answers are bounded already.
    if (from !== "origin" && sender.waiting.length >= WAITING_MAX) {
      queueMicrotask(() => this.#onResult(from, block, false));
      return;
    }
    sender.waiting.push(block);
    this.#runNext(from, sender);
  }

  #runNext(from: BlockSender, sender: Sender): void {
    while (sender.running < RUNNING_MAX) {
      const block = sender.waiting.shift();
      if (block === undefined) break;
      sender.running++;
      void this.#verifier.verify(block).then((isValid) => {
        sender.running--;
        this.#runNext(from, sender);
        this.#onResult(from, block, isValid);
      });
    }
    if (sender.running === 0) this.#senders.delete(from);
  }
}
