export class Mutator {
  constructor(random: () => number, format: { words?: (string | number[])[]; bytesMax: number });
  mutated(input: Uint8Array, corpus: readonly Uint8Array[]): Buffer;
}
export function seededRandom(seed: number): () => number;
