export function seededRandom(seed: number): () => number;
export function someOf<T>(items: readonly T[], count: number, random: () => number): T[];
