import { MediaError } from "./media-error.ts";

/** Reads a coded header bit by bit, first bit first, never past its end. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  /** @param what Named by errors: `a parameter set`. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  u(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new MediaError("truncated", `inside ${this.#what}`);
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at++;
    }
    return value;
  }

  flag(): boolean {
    return this.u(1) === 1;
  }

  /** @throws {MediaError} When there are not as many. */
  skip(count: number): this {
    this.#at += count;
    if (this.#at > this.#bytes.length * 8) {
      throw new MediaError("truncated", `inside ${this.#what}`);
    }
    return this;
  }

  /** Exponential Golomb, unsigned; AV1 calls it `uvlc`. */
  ue(): number {
    let zeros = 0;
    while (this.u(1) === 0) {
      if (++zeros > 31) throw new MediaError("bad-box", "a number of more than 32 bits");
    }
    return 2 ** zeros - 1 + this.u(zeros);
  }

  /** Exponential Golomb, signed. */
  se(): number {
    const value = this.ue();
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
  }
}

/** Remove emulation prevention: 00 00 03 stands for 00 00 (H.264, 7.4.1; H.265, 7.4.2). */
export function withoutEmulationPrevention(bytes: Uint8Array): Uint8Array {
  const plain: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const isEscape = bytes[i] === 3 && i >= 2 && bytes[i - 1] === 0 && bytes[i - 2] === 0;
    if (!isEscape) plain.push(bytes[i] ?? 0);
  }
  return Uint8Array.from(plain);
}
