import {
  fromHex,
  parseDescriptor,
  type SignedDescriptor,
  type StreamDescriptor,
  type StreamId,
  toHex,
} from "#protocol";
import { type Crypto256, openDescriptor } from "../crypto/index.ts";

/** A descriptor as neighbors are sent it. */
export type SignedBytes = { body: Uint8Array; signature: Uint8Array };

export type KeptDescriptor = { descriptor: StreamDescriptor; signed: SignedBytes };

/** The newest genuine descriptor of one stream, from whoever had it. */
export class DescriptorKeeper {
  readonly #crypto: Crypto256;
  readonly #streamId: StreamId;
  readonly #onNewer: (kept: KeptDescriptor) => void;
  #descriptor: StreamDescriptor | undefined;

  constructor(
    crypto: Crypto256,
    streamId: StreamId,
    /** Called before the `offer` it came with resolves. */
    onNewer: (kept: KeptDescriptor) => void,
  ) {
    this.#crypto = crypto;
    this.#streamId = streamId;
    this.#onNewer = onNewer;
  }

  get descriptor(): StreamDescriptor | undefined {
    return this.#descriptor;
  }

  /** Resolves to whether it is genuine, whether or not it was news. */
  async offer(signed: SignedDescriptor): Promise<boolean> {
    try {
      // Cheap before dear; and the one we have is offered again by everybody.
      const isOld = this.#isKnown(parseDescriptor(signed.body));
      if (isOld) return true;
      const descriptor = await openDescriptor(this.#crypto, this.#streamId, signed);
      if (this.#isKnown(descriptor)) return true;
      this.#descriptor = descriptor;
      const body = new TextEncoder().encode(signed.body);
      this.#onNewer({ descriptor, signed: { body, signature: fromHex(signed.signature) } });
      return true;
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
  }

  /** The same from a neighbor. */
  async offerBytes({ body, signature }: SignedBytes): Promise<boolean> {
    let text: string;
    try {
      // Exactly the signed bytes, or nothing: no replacement characters, no dropped mark.
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    } catch {
      return false;
    }
    return this.offer({ body: text, signature: toHex(signature) });
  }

  #isKnown({ streamId, revision }: StreamDescriptor): boolean {
    const current = this.#descriptor;
    return current !== undefined && streamId === this.#streamId && revision <= current.revision;
  }
}
