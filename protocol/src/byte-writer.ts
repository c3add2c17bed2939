/** Appends big-endian fields to a buffer that grows as needed. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes = 64) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): this {
    const at = this.#extend(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#extend(2);
    this.#view.setUint16(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#extend(4);
    this.#view.setUint32(at, value);
    return this;
  }

  u48(value: number): this {
    const at = this.#extend(6);
    this.#view.setUint16(at, Math.floor(value / 2 ** 32));
    this.#view.setUint32(at + 2, value % 2 ** 32);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#extend(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** What was written, as a view: the writer is done with it. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Where the next field goes. Called before the view is read, for it may be replaced here. */
  #extend(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
