/** A seeded source of randomness, uniform in [0, 1). */
export type Random = () => number;

/** sfc32: fast, small, and passes the usual test batteries; one seed, one sequence. */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** Standard normal, by Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Exponential with the given mean: the time between events that know nothing of each other. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** Pareto with shape 1.5, scaled to the mean: heavy-tailed, as measured session lengths are. */
export function heavyTailed(random: Random, mean: number): number {
  return (mean / 3) * (1 - random()) ** (-1 / 1.5);
}

/** Fisher-Yates, in place. */
export function shuffle<T>(items: T[], random: Random): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const item = items[i] as T;
    items[i] = items[j] as T;
    items[j] = item;
  }
  return items;
}
