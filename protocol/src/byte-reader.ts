import { DecodeError } from "./errors.ts";

/** Reads big-endian fields one after another and never past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  /** Milliseconds since 1970 need 41 bits; six bytes stay exact in a double. */
  u48(): number {
    const at = this.#advance(6);
    return this.#view.getUint16(at) * 2 ** 32 + this.#view.getUint32(at + 2);
  }

  /** A view into the message, not a copy: it lives as long as the message does. */
  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /** @throws {DecodeError} `trailing-bytes` when something is left. */
  expectEnd(): void {
    if (this.remaining > 0) {
      throw new DecodeError("trailing-bytes", this.#offset, `${this.remaining} bytes too many`);
    }
  }

  /** @throws {DecodeError} `bad-value` with the offset reached so far. */
  refuse(detail: string): never {
    throw new DecodeError("bad-value", this.#offset, detail);
  }

  #advance(length: number): number {
    if (this.remaining < length) {
      throw new DecodeError(
        "truncated",
        this.#offset,
        `${length} bytes expected, ${this.remaining} left`,
      );
    }
    const at = this.#offset;
    this.#offset += length;
    return at;
  }
}
