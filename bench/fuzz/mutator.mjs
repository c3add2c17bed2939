/** Numbers at which formats change their mind. */
const EDGES = [0, 1, 2, 7, 8, 15, 16, 63, 64, 127, 128, 255, 256, 1023, 1024, 16_383, 16_384];
const FAR_EDGES = [0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];
const SLICE_MAX = 64;
const CHANGES_MAX = 6;

/** Makes new inputs of known ones. The same seed makes the same inputs. */
export class Mutator {
  #random;
  #words;
  #bytesMax;

  /** @param words Pieces of the format, put in as they are. */
  constructor(random, { words = [], bytesMax }) {
    this.#random = random;
    this.#words = words.map((word) => Buffer.from(word));
    this.#bytesMax = bytesMax;
  }

  /** @param corpus Of what pieces are taken, too. */
  mutated(input, corpus) {
    let bytes = Buffer.from(input);
    // Mostly a few changes: with many at once nothing gets past the first check.
    for (let left = 1 + this.#below(this.#below(CHANGES_MAX) + 1); left > 0; left--) {
      bytes = this.#changed(bytes, corpus);
    }
    return bytes.subarray(0, this.#bytesMax);
  }

  #changed(bytes, corpus) {
    const at = this.#below(bytes.length + 1);
    const length = 1 + this.#below(Math.min(SLICE_MAX, bytes.length + 1));
    switch (this.#below(9)) {
      case 0:
        return this.#with(bytes, at, (value) => value ^ (1 << this.#below(8)));
      case 1:
        return this.#with(bytes, at, () => this.#below(256));
      case 2:
        return this.#edge(bytes, at);
      case 3:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
      case 4:
        return this.#inserted(bytes, at, Buffer.alloc(length, this.#below(256)));
      case 5:
        return this.#inserted(
          bytes,
          at,
          bytes.subarray(this.#below(bytes.length + 1)).subarray(0, length),
        );
      case 6:
        return bytes.subarray(0, at);
      case 7:
        return this.#spliced(bytes, at, corpus[this.#below(corpus.length)] ?? bytes);
      default:
        return this.#words.length === 0 ? this.#edge(bytes, at) : this.#word(bytes, at, length);
    }
  }

  #word(bytes, at, length) {
    const word = this.#words[this.#below(this.#words.length)];
    const rest = this.#below(2) === 0 ? at : at + length;
    return Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(rest)]);
  }

  #edge(bytes, at) {
    const width = 1 << this.#below(3);
    const edges = width === 1 ? EDGES : [...EDGES, ...FAR_EDGES];
    const value = (edges[this.#below(edges.length)] + this.#below(3) - 1) >>> 0;
    const changed = Buffer.from(bytes);
    for (let place = 0; place < width && at + place < changed.length; place++) {
      changed[at + place] = (value >>> (8 * (width - 1 - place))) & 0xff;
    }
    return changed;
  }

  #spliced(bytes, at, other) {
    const from = this.#below(other.length + 1);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(other.subarray(from))]);
  }

  #inserted(bytes, at, piece) {
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  }

  #with(bytes, at, change) {
    if (bytes.length === 0) return bytes;
    const changed = Buffer.from(bytes);
    const place = at % bytes.length;
    changed[place] = change(changed[place]);
    return changed;
  }

  #below(bound) {
    return Math.floor(this.#random() * bound);
  }
}

/** Uniform in [0, 1), by a seed (mulberry32). */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
