import { DecodeError, decodePeerMessage, encodePeerMessage, type PeerMessage } from "#protocol";

/** Encodes each message once, however many neighbors get it, and relays blocks without copying. */
export class MessageCodec {
  /** By message, or by block: each child gets its own message around the same block. */
  readonly #encoded = new WeakMap<object, Uint8Array>();

  encode(message: PeerMessage): Uint8Array {
    const key = message.type === "block" ? message.block : message;
    const known = this.#encoded.get(key);
    if (known !== undefined) return known;
    const bytes = encodePeerMessage(message);
    this.#encoded.set(key, bytes);
    return bytes;
  }

  /**
   * `unknown` are messages of a later version, to be skipped; `bad` are none at all.
   * @param bytes Kept: a block's bytes are a view into them, and they are what is relayed.
   */
  decode(bytes: Uint8Array): PeerMessage | "unknown" | "bad" {
    try {
      const message = decodePeerMessage(bytes);
      if (message.type === "block") this.#encoded.set(message.block, bytes);
      return message;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return error.code === "unknown-type" ? "unknown" : "bad";
    }
  }
}
